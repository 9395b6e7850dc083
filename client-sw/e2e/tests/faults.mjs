/**
 * The pieces transport against what networks, servers, clocks and disks do: each fault in the browser that has not met it
 * otherwise, and in the other one in the long lane.
 */
import assert from 'node:assert/strict';
import { downloadRequests, sumBytes } from '../accounts.mjs';
import { readDownload, waitForComplete } from '../client-state.mjs';
import {
  assertEndsComplete,
  brokenBytes,
  cutIntoAnotherEtag,
  largestPiece,
  prepareRun,
  pressDownload,
  SLOW_BYTES_PER_SECOND,
  waitForBytes,
} from '../fault-run.mjs';
import { HIGH_WAVE, WAVES } from '../fixtures.mjs';
import { jumpClock } from '../jump-clock.mjs';
import { openLibrary, waitForControl } from '../page-actions.mjs';
import { assertPlays, assertStoredWhole, everything } from '../proofs.mjs';
import { spoilPieces } from '../spoil-storage.mjs';
import { waitFor } from '../wait-for.mjs';

const isPart = (path) => /^\/blobs\/.*\/pieces\//.test(path);
const DAY_MS = 24 * 60 * 60 * 1000;
const SETTLED_BYTES = 6 * 1024 * 1024;

/** `first`: the browser that meets it on every change, or both. */
const FAULTS = [
  { name: 'a server in trouble (500) is asked again', first: 'firefox', run: meetsServerErrors },
  { name: 'connections cut anywhere cost no more than was on its way', first: 'chromium', run: meetsCuts },
  { name: 'a wrong byte costs one piece', first: 'firefox', run: meetsDamage },
  {
    name: 'an ETag that changes midway costs no more than was on its way',
    first: 'both',
    run: meetsAnotherEtag,
  },
  { name: 'two tabs at once fetch every byte once', first: 'firefox', run: runsInTwoTabs },
  { name: 'a clock that jumps changes nothing', first: 'chromium', run: meetsClockJumps },
  {
    name: 'evicted pieces are found at the next visit, and they alone are fetched',
    first: 'chromium',
    run: repairsEviction,
  },
  {
    name: 'pieces cut short and bytes that went wrong are found at the next visit, and they alone are fetched',
    first: 'chromium',
    run: repairsDecay,
  },
  {
    name: 'bytes that went wrong on the disk are found by verify(), and they alone are fetched',
    first: 'firefox',
    run: verifies,
  },
];

export const faultTests = FAULTS.flatMap(({ name, first, run }) =>
  ['chromium', 'firefox'].map((engine) => ({
    name: `${engine}: ${name}`,
    long: first !== 'both' && engine !== first,
    run: async (world) => run(await prepareRun(world, engine)),
  })),
);

async function meetsServerErrors(run) {
  for (const status of [500, 503]) run.world.proxy.fault({ matches: isPart, status, times: 2 });
  run.world.proxy.fault({ matches: (path) => path.endsWith('/releases/1/pieces.json'), status: 502 });
  await pressDownload(run);
  await assertEndsComplete(run, 0);
}

async function meetsCuts(run) {
  for (const part of [0.999, 0.5, 0.01, 0.7])
    run.world.proxy.fault({ matches: isPart, cutAfter: (length) => Math.floor(length * part) });
  await pressDownload(run);
  await waitForComplete(run.page, WAVES, { timeoutMs: 90_000 });
  assert.equal(run.world.proxy.since(run.mark).filter(({ cut }) => cut).length, 4, 'cuts met');
  // A cut loses the piece it falls into, and what the other connections of that round had on their way.
  await assertEndsComplete(run, brokenBytes(run));
}

async function meetsDamage(run) {
  run.world.proxy.fault({ matches: isPart, damageAt: (length) => Math.floor(length / 2) });
  await pressDownload(run);
  await assertEndsComplete(run, largestPiece(run.pieceIndex));
}

/** Firefox takes a broken answer up again by itself, with If-Range; the library asks for what is missing, whatever its ETag. */
async function meetsAnotherEtag(run) {
  const { proxy } = run.world;
  let changedAt;
  cutIntoAnotherEtag(run, isPart, () => {
    changedAt = proxy.requests.length;
  });
  await pressDownload(run);
  await assertEndsComplete(run, () => brokenBytes(run));
  const after = downloadRequests(proxy.since(changedAt)).filter(({ complete }) => complete);
  assert.ok(after.length > 1, 'answers with another ETag');
}

async function runsInTwoTabs(run) {
  const { world, browser, page } = run;
  const second = await openLibrary(browser, world.url, WAVES, '?transport=pieces');
  run.mark = world.proxy.requests.length;
  for (const tab of [page, second]) await tab.evaluate(noteProgress);
  await pressDownload({ page: second });
  await page.bringToFront();
  await page.evaluate((tag) => {
    document.querySelector(`stowaway-download[tag="${tag}"]`).downloads.start(tag);
  }, WAVES);
  await assertEndsComplete(run, 0);
  assert.equal((await readDownload(second, WAVES)).state, 'complete');
  const { downloadTotal } = everything(run.manifest);
  for (const tab of [page, second]) {
    const shown = await tab.evaluate(() => globalThis.bytesShown);
    assert.ok(
      shown.some((bytes) => bytes > 0 && bytes < downloadTotal),
      `progress was shown: ${shown}`,
    );
  }
}

/** Runs in the page: notes what its controls show. */
function noteProgress() {
  globalThis.bytesShown = [];
  addEventListener('stowaway-change', ({ detail }) => {
    if (detail?.tag === 'waves') globalThis.bytesShown.push(detail.bytesReceived);
  });
}

async function meetsClockJumps(run) {
  const { world, page } = run;
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  world.proxy.fault({ matches: isPart, status: 503 });
  await pressDownload(run);
  for (const [bytes, jumpMs] of [
    [SETTLED_BYTES, -DAY_MS],
    [2 * SETTLED_BYTES, 3 * DAY_MS],
  ]) {
    await waitForBytes(run, bytes);
    await jumpClock(page, jumpMs);
  }
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await assertEndsComplete(run, 0);
}

async function repairsEviction(run) {
  const { world, browser, page } = run;
  await pressDownload(run);
  await assertEndsComplete(run, 0);
  const lost = await spoilPieces(page, { every: 5, how: 'delete' });
  await assertRepairs(run, lost, () => page.reload());
  await world.goAway();
  await assertPlays(browser, world.url, HIGH_WAVE);
}

/** The course is short enough to be read whole at the day's first visit: only that one finds a byte that is wrong. */
async function repairsDecay(run) {
  const { page } = run;
  await pressDownload(run);
  await assertEndsComplete(run, 0);
  for (const how of ['overwrite', 'truncate']) {
    const lost = await spoilPieces(page, { every: 6, how });
    await assertRepairs(run, lost, () => page.reload());
  }
}

async function verifies(run) {
  const { page } = run;
  await pressDownload(run);
  await assertEndsComplete(run, 0);
  const lost = await spoilPieces(page, { every: 7, how: 'overwrite' });
  let found;
  await assertRepairs(run, lost, async () => {
    found = await page.evaluate(
      (tag) => document.querySelector(`stowaway-download[tag="${tag}"]`).downloads.verify(tag),
      WAVES,
    );
  });
  assert.equal(found.piecesDamaged, lost.length, 'pieces found wrong');
}

/** Exactly the lost pieces come again. */
async function assertRepairs({ world, page, pieceIndex }, lost, find) {
  assert.ok(lost.length > 1, 'something was spoilt');
  const mark = world.proxy.requests.length;
  await find();
  await waitForControl(page, WAVES);
  await assertWhole(page, pieceIndex);
  const bytes = sumBytes(downloadRequests(world.proxy.since(mark)));
  assert.equal(
    bytes,
    lost.reduce((sum, { length }) => sum + length, 0),
    'bytes of the repair',
  );
}

async function assertWhole(page, pieceIndex) {
  await waitFor('the repair', () => assertStoredWhole(page, pieceIndex), {
    timeoutMs: 60_000,
    intervalMs: 300,
  });
  await waitForComplete(page, WAVES);
}

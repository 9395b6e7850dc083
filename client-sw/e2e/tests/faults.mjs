/**
 * The pieces transport against what networks, servers, clocks and disks do: each fault in the browser that has not met it
 * otherwise, and in the other one in the long lane.
 */
import assert from 'node:assert/strict';
import { downloadRequests, sumBytes } from '../accounts.mjs';
import { readDownload, waitForComplete } from '../client-state.mjs';
import {
  assertEndsComplete,
  prepareRun,
  pressDownload,
  SLOW_BYTES_PER_SECOND,
  waitForBytes,
} from '../fault-run.mjs';
import { HIGH_WAVE, WAVES } from '../fixtures.mjs';
import { jumpClock } from '../jump-clock.mjs';
import { ANOTHER_ETAG, CUTS, isPart, KILLED_SERVER, SERVER_ERRORS, WRONG_BYTE } from '../network-faults.mjs';
import { openLibrary, waitForControl } from '../page-actions.mjs';
import { assertPlays, assertStoredWhole, everything } from '../proofs.mjs';
import { spoilPieces } from '../spoil-storage.mjs';
import { waitFor } from '../wait-for.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;
const SETTLED_BYTES = 6 * 1024 * 1024;

const ERRORS_FROM_THE_START = {
  ...SERVER_ERRORS,
  setUp(run) {
    SERVER_ERRORS.setUp(run);
    run.world.proxy.fault({ matches: (path) => path.endsWith('/releases/1/pieces.json'), status: 502 });
  },
};

/** `first`: the browser that meets it on every change, or both. */
const FAULTS = [
  {
    name: 'a server that is killed costs no more than was on its way, and the page goes on when it is back',
    first: 'chromium',
    run: meeting(KILLED_SERVER),
  },
  { name: 'a server in trouble (500) is asked again', first: 'firefox', run: meeting(ERRORS_FROM_THE_START) },
  {
    name: 'connections cut anywhere cost no more than was on its way',
    first: 'chromium',
    run: meeting(CUTS),
  },
  { name: 'a wrong byte costs one piece', first: 'firefox', run: meeting(WRONG_BYTE) },
  {
    name: 'an ETag that changes midway costs no more than was on its way',
    first: 'both',
    run: meeting(ANOTHER_ETAG),
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

/** A fault of the network, set up before the first byte or met in the middle. */
function meeting({ setUp, meanwhile, destroyed, check }) {
  return async (run) => {
    const { proxy } = run.world;
    setUp?.(run);
    if (meanwhile) proxy.limit(SLOW_BYTES_PER_SECOND);
    await pressDownload(run);
    if (meanwhile) {
      await waitForBytes(run, SETTLED_BYTES);
      await meanwhile(run);
      proxy.limit(Number.POSITIVE_INFINITY);
    }
    await assertEndsComplete(run, () => destroyed(run));
    check?.(run);
  };
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

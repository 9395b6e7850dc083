/** Chromium's Background Fetch against servers in trouble, ETags that change, bytes that go wrong and clocks that jump. */
import assert from 'node:assert/strict';
import { sumWireBytes } from '../accounts.mjs';
import { readDownload } from '../client-state.mjs';
import {
  assertEndsComplete,
  brokenBytes,
  largestPiece,
  prepareRun,
  pressDownload,
  requestsOf,
  SLOW_BYTES_PER_SECOND,
} from '../fault-run.mjs';
import { HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { waitForControl } from '../page-actions.mjs';
import { everything, findAsset } from '../proofs.mjs';
import { replaceWorker } from '../replace-worker.mjs';
import { readFetchIds } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;

const FAULTS = [
  { name: 'a server in trouble (500) costs nothing twice', run: meetsServerErrors },
  {
    name: 'an ETag that changes midway costs no more than what had come of that asset',
    run: meetsAnotherEtag,
  },
  { name: 'a wrong byte costs one piece, fetched by itself', run: meetsDamage },
  { name: 'a clock that jumps, in the page and in the worker, changes nothing', run: meetsClockJumps },
  {
    name: 'a request that stands still for minutes while the server answers is given up, and its asset comes by pieces',
    run: meetsStandstill,
  },
];

export const backgroundFetchFaultTests = FAULTS.map(({ name, run }) => ({
  name: `chromium: in a Background Fetch, ${name}`,
  run: async (world) => run(await prepareRun(world, 'chromium', '')),
}));

async function start(run) {
  await pressDownload(run);
  await waitFor('the Background Fetch', async () => (await readFetchIds(run.page)).length === 1);
}

async function meetsServerErrors(run) {
  const { href } = findAsset(run.manifest, LOW_WAVE.path);
  run.world.proxy.fault({ matches: (path) => path === href, status: 500 });
  await start(run);
  await assertEndsComplete(run, 0);
}

async function meetsAnotherEtag(run) {
  const { proxy } = run.world;
  const { href, size } = findAsset(run.manifest, LOW_WAVE.path);
  proxy.fault({
    matches: (path) => path === href,
    cutAfter: () => {
      // From the moment of the cut on, the server says that it has something else.
      setImmediate(() => proxy.changeEtag((path) => path === href, '"another"'));
      return Math.floor(size * 0.6);
    },
  });
  await start(run);
  await assertEndsComplete(run, () => brokenBytes(run) + size);
}

async function meetsDamage(run) {
  const { href, size } = findAsset(run.manifest, HIGH_WAVE.path);
  run.world.proxy.fault({ matches: (path) => path === href, damageAt: Math.floor(size / 2) });
  await start(run);
  await assertEndsComplete(run, largestPiece(run.pieceIndex));
}

/** While bytes come the page's clock goes back and then forth, and the worker that verifies at the end is days behind. */
async function meetsClockJumps(run) {
  const { world, page } = run;
  const { downloadTotal } = everything(run.manifest);
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await start(run);
  await jumpWorkerClock(run, -3 * DAY_MS);
  for (const [part, jumpMs] of [
    [0.3, -DAY_MS],
    [0.6, 3 * DAY_MS],
  ]) {
    await waitFor(`${part} of the bytes`, () => sumWireBytes(requestsOf(run)) > part * downloadTotal);
    await page.evaluate((jumpMs) => {
      const before = Date.now;
      Date.now = () => before() + jumpMs;
    }, jumpMs);
  }
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await assertEndsComplete(run, 0);
  const { createdAt, updatedAt } = await readDownload(page, WAVES);
  assert.ok(updatedAt < createdAt - DAY_MS, 'the worker with the other clock has ended it');
}

/** As another version of the worker, so that it has this clock whenever it is started. */
function jumpWorkerClock(run, jumpMs) {
  return replaceWorker(run, `{ const now = Date.now; Date.now = () => now() + ${jumpMs}; }`);
}

/** Every look of the page that takes ten seconds takes a fraction of one here. */
async function meetsStandstill(run) {
  const { world, page, manifest } = run;
  await page.addInitScript(
    ({ looksMs, fastMs }) => {
      const { setTimeout } = window;
      window.setTimeout = (then, ms, ...words) =>
        setTimeout.call(window, then, ms === looksMs ? fastMs : ms, ...words);
    },
    { looksMs: 10_000, fastMs: 300 },
  );
  await page.reload();
  await waitForControl(page, WAVES);
  const { href } = findAsset(manifest, HIGH_WAVE.path);
  // The browser's own request; whoever asks for one byte is answered.
  world.proxy.hold((path, { headers }) => path === href && headers.range !== 'bytes=0-0');
  await start(run);
  await assertEndsComplete(run, 3 * manifest.download.pieces.size);
  assert.equal((await readDownload(page, WAVES)).transport, 'pieces');
  assert.deepEqual(await readFetchIds(page), []);
}

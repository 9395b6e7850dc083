/** Browsers that are killed or closed, and workers that are replaced or killed, in mid-download. */
import assert from 'node:assert/strict';
import { sumBytes } from '../accounts.mjs';
import {
  assertEndsComplete,
  brokenBytes,
  countDestroyed,
  prepareRun,
  pressDownload,
  requestsOf,
  SLOW_BYTES_PER_SECOND,
  waitForBytes,
} from '../fault-run.mjs';
import { WAVES } from '../fixtures.mjs';
import { holdStorageInVerification, stopWorkers } from '../hold-storage.mjs';
import { openLibrary } from '../page-actions.mjs';
import { replaceWorker } from '../replace-worker.mjs';
import { readFetchIds } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

const SETTLED_BYTES = 6 * 1024 * 1024;
const PIECES = '?transport=pieces';

export const restartTests = [
  ...['chromium', 'firefox'].flatMap((engine) => [
    {
      name: `${engine}: a browser that is killed in mid-download goes on at the next visit`,
      long: engine === 'chromium', // It is killed in a Background Fetch below.
      run: async (world) =>
        goesOnAfter(await prepareRun(world, engine), (browser) => world.killBrowser(browser)),
    },
    {
      name: `${engine}: a browser that is closed in mid-download goes on at the next visit`,
      long: true, // Chromium is closed in a Background Fetch below, and being killed is harder.
      run: async (world) => goesOnAfter(await prepareRun(world, engine), (browser) => browser.close()),
    },
    {
      name: `${engine}: a worker that is replaced in mid-download loses nothing`,
      long: engine === 'firefox',
      run: async (world) => survivesANewWorker(await prepareRun(world, engine)),
    },
  ]),
  {
    name: 'chromium: a Background Fetch goes on while two servers are restarted in turn, and not a byte comes twice',
    long: true, // loadtests/rolling restarts servers under load in every run.
    run: (world) => goesOnAcrossARollingRestart(world, ''),
  },
  {
    name: 'chromium: pieces go on while two servers are restarted in turn, and not a byte comes twice',
    long: true, // loadtests/rolling restarts servers under load in every run.
    run: (world) => goesOnAcrossARollingRestart(world, PIECES),
  },
  {
    name: 'chromium: a worker that is replaced in a Background Fetch loses nothing',
    run: survivesANewWorkerInAFetch,
  },
  {
    name: 'chromium: a browser that is killed in a Background Fetch goes on with it',
    run: (world) => goesOnWithTheFetch(world, (browser) => world.killBrowser(browser)),
  },
  {
    name: 'chromium: a browser that is closed in a Background Fetch repairs what closing destroyed',
    run: (world) => goesOnWithTheFetch(world, (browser) => browser.close()),
  },
  {
    name: 'chromium: a worker that is killed while it verifies is finished with by the page',
    long: true, // The page's own storing beside a driver is tested in salvage.test.ts.
    run: survivesAKilledWorker,
  },
];

/** An operator's update of a fleet: one server after the other gets SIGTERM and comes back. */
async function goesOnAcrossARollingRestart(world, query) {
  const servers = [world.server, await world.addServer()];
  const run = await prepareRun(world, 'chromium', query);
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  for (const [number, server] of servers.entries()) {
    const bytes = (number + 1) * SETTLED_BYTES;
    await waitFor(`${bytes} bytes on their way`, () => sumBytes(requestsOf(run)) > bytes);
    await server.stop('SIGTERM');
    await server.start();
  }
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await assertEndsComplete(run, 0);
}

async function goesOnAfter(run, end) {
  const { world, browser } = run;
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  await waitForBytes(run, SETTLED_BYTES);
  await end(browser);
  world.proxy.limit(Number.POSITIVE_INFINITY);
  run.browser = await world.reopenBrowser(browser);
  const destroyedBytes = await countDestroyed(run);
  run.page = await openLibrary(run.browser, world.url, WAVES, PIECES);
  await assertEndsComplete(run, destroyedBytes);
}

async function goesOnWithTheFetch(world, end) {
  const run = await prepareRun(world, 'chromium', '');
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  await waitFor('bytes of the Background Fetch', () =>
    world.proxy
      .since(run.mark)
      .some(({ path, bytes }) => path.startsWith('/blobs/') && bytes > SETTLED_BYTES),
  );
  await end(run.browser);
  world.proxy.limit(Number.POSITIVE_INFINITY);
  run.browser = await world.reopenBrowser(run.browser);
  run.page = await openLibrary(run.browser, world.url, WAVES);
  await assertEndsComplete(run, () => brokenBytes(run));
  assert.deepEqual(await readFetchIds(run.page), [], 'no fetch is left behind');
}

async function survivesANewWorker(run) {
  const { world } = run;
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  await waitForBytes(run, SETTLED_BYTES);
  await replaceWorker(run, '// another version');
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await assertEndsComplete(run, () => brokenBytes(run));
}

async function survivesANewWorkerInAFetch(world) {
  const run = await prepareRun(world, 'chromium', '');
  world.proxy.hold((path) => path.startsWith('/blobs/'));
  await pressDownload(run);
  await waitFor('the Background Fetch', async () => (await readFetchIds(run.page)).length === 1);
  await replaceWorker(run, '// another version');
  world.proxy.release();
  await assertEndsComplete(run, 0);
}

/** The worker is in the middle of storing what a Background Fetch brought: storage is held, and the worker stopped. */
async function survivesAKilledWorker(world) {
  const run = await prepareRun(world, 'chromium', '');
  const pieces = new Set(run.pieceIndex.blobs.flatMap(({ pieces }) => pieces.map(({ sha256 }) => sha256)));
  await pressDownload(run);
  const release = await holdStorageInVerification(run.page, WAVES, pieces.size);
  // The page waits in line for the worker's lock and goes on at once: nothing may come before all is counted.
  world.proxy.hold((path) => path.startsWith('/blobs/'));
  await stopWorkers(run.browser.context, run.page);
  await release();
  // A fetch that is over dies with its event: what the worker had not stored yet is lost.
  const destroyedBytes = await countDestroyed(run);
  assert.ok(destroyedBytes > 0, 'the worker was stopped before its end');
  world.proxy.release();
  await assertEndsComplete(run, destroyedBytes);
}

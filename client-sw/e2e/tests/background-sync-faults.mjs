/**
 * Pieces in Chromium's worker, by Background Sync: no page of the site is open from the first byte on. Several faults meet one
 * browser, each in a download of its own.
 */
import assert from 'node:assert/strict';
import { assertByWorker, dispatchSync, leaveToWorker, readSyncTags, SYNC_TAG } from '../background-sync.mjs';
import { waitForDownload } from '../client-state.mjs';
import {
  assertEndsComplete,
  brokenBytes,
  countDestroyed,
  prepareRun,
  SLOW_BYTES_PER_SECOND,
  waitForBytes,
} from '../fault-run.mjs';
import { WAVES } from '../fixtures.mjs';
import { jumpClock } from '../jump-clock.mjs';
import { ANOTHER_ETAG, CUTS, isPart, KILLED_SERVER, SERVER_ERRORS, WRONG_BYTE } from '../network-faults.mjs';
import { controlOf, openLibrary, openQuietPage, waitForButton } from '../page-actions.mjs';
import { assertNothingKept } from '../proofs.mjs';
import { installWorker, waitForNewWorker } from '../replace-worker.mjs';
import { spoilPieces } from '../spoil-storage.mjs';

const PIECES = '?transport=pieces';
const SETTLED_BYTES = 6 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Two pages are opened with much still to come: they wait in line, and show the end. */
const TWO_PAGES = {
  async meanwhile(run) {
    run.tabs = [];
    await whileHeld(run, async () => {
      for (let i = 0; i < 2; i += 1) run.tabs.push(await openLibrary(run.browser, run.world.url, WAVES));
    });
  },
  destroyed: () => 0,
  async check({ tabs }) {
    for (const tab of tabs) {
      await waitForButton(tab, controlOf(WAVES), 'Remove');
      await tab.close();
    }
  },
};

const JUMPING_CLOCK = {
  setUp({ world: { proxy } }) {
    proxy.fault({ matches: isPart, status: 503 });
  },
  async meanwhile(run) {
    const [worker] = run.browser.context.serviceWorkers();
    await jumpClock(worker, -DAY_MS);
    await waitForBytes(run, 2 * SETTLED_BYTES);
    await whileHeld(run, () => jumpClock(worker, 3 * DAY_MS));
  },
  destroyed: () => 0,
};

const EVICTED_PIECES = {
  async meanwhile(run) {
    await whileHeld(run, async () => {
      const lost = await spoilPieces(run.page, { every: 2, how: 'delete' });
      assert.ok(lost.length > 1, 'something was evicted');
      run.lostBytes = lost.reduce((sum, { length }) => sum + length, 0);
    });
  },
  destroyed: ({ lostBytes }) => lostBytes,
};

/** What the old version is in the middle of, it may end; nothing new is answered before the new one is there. */
const NEW_WORKER = {
  meanwhile: (run) => whileHeld(run, () => installWorker(run, '// another version')),
  destroyed: brokenBytes,
  check: waitForNewWorker,
};

export const backgroundSyncFaultTests = [
  {
    name: 'chromium: by Background Sync, a killed server, cuts, errors (500), another ETag and a wrong byte cost no more than they destroy',
    run: (world) => meetsInTurn(world, { KILLED_SERVER, CUTS, SERVER_ERRORS, WRONG_BYTE, ANOTHER_ETAG }),
  },
  {
    name: 'chromium: by Background Sync, a clock that jumps, evicted pieces, a new worker and two pages that open cost no more than they destroy',
    run: (world) => meetsInTurn(world, { JUMPING_CLOCK, EVICTED_PIECES, NEW_WORKER, TWO_PAGES }),
  },
  {
    name: 'chromium: a browser that is killed, and one that is closed, while Background Sync moves pieces goes on without any page',
    run: goesOnWithoutAPage,
  },
];

/** One browser, and for each fault a download that is removed before the next. */
async function meetsInTurn(world, faults) {
  const run = await prepareRun(world, 'chromium', PIECES);
  run.quiet = await openQuietPage(run.browser, world.url);
  for (const [name, fault] of Object.entries(faults)) {
    try {
      await meets(run, fault);
    } catch (cause) {
      throw new Error(`the fault was ${name}`, { cause });
    }
    await beginAfresh(run);
  }
}

async function meets(run, { setUp, meanwhile, destroyed, check }) {
  const { proxy } = run.world;
  await leaveToWorker(run);
  setUp?.(run);
  if (meanwhile) proxy.limit(SLOW_BYTES_PER_SECOND);
  proxy.flow();
  if (meanwhile) {
    await waitForBytes(run, SETTLED_BYTES);
    await meanwhile(run);
    proxy.limit(Number.POSITIVE_INFINITY);
  }
  await assertEndsComplete(run, () => destroyed(run));
  assertByWorker(run);
  await check?.(run);
}

async function beginAfresh(run) {
  run.page = await openLibrary(run.browser, run.world.url, WAVES, PIECES);
  await run.page.evaluate((tag) => {
    document.querySelector(`stowaway-download[tag="${tag}"]`).downloads.remove(tag);
  }, WAVES);
  await assertNothingKept(run.page, WAVES);
}

/** No piece is answered meanwhile: what came after the end of the download would have met nothing. */
async function whileHeld({ page, world: { proxy } }, act) {
  proxy.hold(isPart);
  await act();
  await waitForDownload(
    page,
    WAVES,
    'still on its way',
    ({ state, bytesStored, bytesTotal }) => state === 'downloading' && bytesStored < bytesTotal,
  );
  proxy.release();
}

/** The registered sync outlives the browser; nothing but a page without any script is opened again. */
async function goesOnWithoutAPage(world) {
  const run = await prepareRun(world, 'chromium', PIECES);
  const { proxy } = world;
  run.quiet = await openQuietPage(run.browser, world.url);
  await leaveToWorker(run);
  proxy.limit(SLOW_BYTES_PER_SECOND);
  proxy.flow();
  let destroyedBytes = 0;
  const ways = [(browser) => world.killBrowser(browser), (browser) => browser.close()];
  for (const [i, end] of ways.entries()) {
    await waitForBytes(run, (i + 1) * SETTLED_BYTES);
    await end(run.browser);
    proxy.hold(isPart);
    run.browser = await world.reopenBrowser(run.browser);
    destroyedBytes = await countDestroyed(run);
    run.page = await openQuietPage(run.browser, world.url);
    assert.deepEqual(await readSyncTags(run.page), [SYNC_TAG]);
    await dispatchSync(run.browser.context, run.page, SYNC_TAG);
    proxy.release();
  }
  proxy.limit(Number.POSITIVE_INFINITY);
  await assertEndsComplete(run, destroyedBytes);
  assertByWorker(run);
}

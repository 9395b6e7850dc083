/** Chromium takes storage away while a Background Fetch runs: pieces that were kept already, and all that the site has. */
import assert from 'node:assert/strict';
import { sumBytes } from '../accounts.mjs';
import { readDownload, readStoredPieces, waitForDownload } from '../client-state.mjs';
import { assertEndsComplete, brokenBytes, prepareRun, pressDownload, requestsOf } from '../fault-run.mjs';
import { HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton, waitForButton } from '../page-actions.mjs';
import { findAsset } from '../proofs.mjs';
import { spoilPieces } from '../spoil-storage.mjs';
import { readFetchIds } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

export const backgroundFetchStorageTests = [
  {
    name: 'chromium: pieces evicted while the Background Fetch that brought them runs are taken out of it again',
    run: losesWhatTheFetchHolds,
  },
  {
    name: 'chromium: pieces of before, evicted while a Background Fetch brings the rest, are fetched, and they alone',
    run: losesWhatCameBefore,
  },
  {
    name: 'chromium: where all storage of the site is cleared in a Background Fetch, the next visit downloads it as new',
    run: startsAnewAtTheNextVisit,
  },
  {
    name: 'chromium: where all storage of the site is cleared in a Background Fetch, the open page downloads it as new',
    run: startsAnewInTheSamePage,
  },
];

/** One asset is kept, and the other held back at the proxy. */
async function keepHalf(world) {
  const run = await prepareRun(world, 'chromium', '');
  const [low, high] = [LOW_WAVE, HIGH_WAVE].map(({ path }) => findAsset(run.manifest, path));
  world.proxy.hold((path) => path === high.href);
  await pressDownload(run);
  const { pieces } = run.pieceIndex.blobs.find(({ digest }) => digest === low.properties.digest);
  await waitFor('the asset that has come to be kept', async () => {
    const stored = await readStoredPieces(run.page);
    return pieces.every(({ sha256 }) => stored.has(sha256));
  });
  return { ...run, high };
}

async function losesWhatTheFetchHolds(world) {
  const run = await keepHalf(world);
  await evict(run);
  world.proxy.release();
  await assertEndsComplete(run, 0);
}

/** Paused and gone on with: the second fetch brings only what was missing then. */
async function losesWhatCameBefore(world) {
  const run = await keepHalf(world);
  const { page, high } = run;
  await pressButton(page, controlOf(WAVES), 'Pause');
  await waitForDownload(page, WAVES, 'paused', ({ state }) => state === 'paused');
  await waitFor('the Background Fetch to end', async () => (await readFetchIds(page)).length === 0);
  await pressButton(page, controlOf(WAVES), 'Resume');
  await waitFor('another Background Fetch', async () => (await readFetchIds(page)).length === 1);
  const lostBytes = await evict(run);
  world.proxy.release();
  // Whatever of the paused fetch was still on its way is of no use.
  await assertEndsComplete(run, () => lostBytes + brokenBytes(run));
  const again = requestsOf(run).filter(({ path }) => path.includes('/pieces/'));
  assert.equal(sumBytes(again), lostBytes, 'bytes of the gaps');
  assert.ok(
    again.every(({ path }) => !path.startsWith(high.href.replace(/[^/]+$/, ''))),
    'nothing of the asset that the fetch has brought',
  );
}

/** @returns how many bytes that were stored are gone */
async function evict({ page }) {
  const lost = await spoilPieces(page, { every: 5, how: 'delete' });
  assert.ok(lost.length > 1, 'something was evicted');
  return lost.reduce((sum, { length }) => sum + length, 0);
}

/** The ledger is gone as well, and the worker with its fetch: nobody can know that there was a download. */
async function losesEverything(run) {
  const { world, browser, page } = run;
  const session = await browser.context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: world.url, storageTypes: 'all' });
  await session.detach();
  await waitForButton(page, controlOf(WAVES), 'Download');
  world.proxy.release();
  await waitFor('all requests to end', () =>
    requestsOf(run).every(({ complete, error }) => complete || error),
  );
  run.mark = world.proxy.requests.length;
}

async function startsAnewAtTheNextVisit(world) {
  const run = await keepHalf(world);
  await losesEverything(run);
  await run.page.close();
  run.page = await openLibrary(run.browser, world.url, WAVES);
  assert.deepEqual(await readFetchIds(run.page), [], 'fetches that are left');
  assert.equal(await readDownload(run.page, WAVES), undefined);
  await pressDownload(run);
  await assertEndsComplete(run, 0);
}

/** Without a worker there is no Background Fetch. */
async function startsAnewInTheSamePage(world) {
  const run = await keepHalf(world);
  await losesEverything(run);
  await pressDownload(run);
  await assertEndsComplete(run, 0);
  assert.equal((await readDownload(run.page, WAVES)).transport, 'pieces');
}

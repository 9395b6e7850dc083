/** What the person decides: pause and go on, cancel, remove, however the bytes travel. */
import assert from 'node:assert/strict';
import { assertNoneStored, sumBytes, waitForAllToEnd } from '../accounts.mjs';
import {
  readDownload,
  readStorage,
  readStoredPieces,
  waitForComplete,
  waitForDownload,
} from '../client-state.mjs';
import { prepareRun, pressDownload, requestsOf, SLOW_BYTES_PER_SECOND, waitForBytes } from '../fault-run.mjs';
import { COURSE, HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton, waitForButton } from '../page-actions.mjs';
import { assertNothingKept, assertStoredWhole, everything, findAsset } from '../proofs.mjs';
import { readFetchIds, startWithBackgroundFetch, waitForRecord } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';
import { whyNoWebKit } from '../webkit.mjs';

export const controlTests = [
  ...['chromium', 'firefox', 'webkit'].map((engine) => ({
    name: `${engine}: a paused download moves no bytes, and resumes without asking for a stored piece`,
    skip: engine === 'webkit' ? whyNoWebKit : undefined,
    run: (world) => pausesAndResumes(world, engine),
  })),
  {
    name: 'chromium: a paused Background Fetch keeps the assets that arrived, and resumes with the others',
    run: pausesABackgroundFetch,
  },
  {
    name: 'chromium: cancel ends the Background Fetch and leaves nothing behind',
    run: cancelsABackgroundFetch,
  },
  ...['chromium', 'firefox'].map((engine) => ({
    name: `${engine}: cancel ends the fetching of pieces and leaves nothing behind`,
    run: (world) => cancelsPieces(world, engine),
  })),
  ...['chromium', 'firefox'].map((engine) => ({
    name: `${engine}: remove deletes every stored byte, and the button offers the download again`,
    run: (world) => removes(world, engine),
  })),
];

async function pausesAndResumes(world, engine) {
  const run = await beginSlowly(world, engine);
  const { page, pieceIndex } = run;
  await pressButton(page, controlOf(WAVES), 'Pause');
  const paused = await waitForDownload(page, WAVES, 'paused', ({ state }) => state === 'paused');
  assert.equal(paused.pauseReason, 'user');
  await waitForAllToEnd(world.proxy);

  const stored = await readStoredPieces(page);
  const askedSincePause = requestsFromNow(run);
  await page.reload();
  await waitForButton(page, controlOf(WAVES), 'Resume');
  assert.equal((await readDownload(page, WAVES)).state, 'paused', 'a visit alone does not end a pause');
  assert.deepEqual(askedSincePause(), [], 'a paused download asks for nothing');
  const kept = await readStoredPieces(page);
  assert.ok(
    [...stored].every((piece) => kept.has(piece)),
    'and keeps what it has',
  );

  world.proxy.limit(Number.POSITIVE_INFINITY);
  await pressButton(page, controlOf(WAVES), 'Resume');
  await waitForComplete(page, WAVES);
  assertNoneStored(askedSincePause(), pieceIndex, stored);
  await assertStoredWhole(page, pieceIndex);
}

/** Pieces at a pace at which something can happen in the middle; a quarter is stored. */
async function beginSlowly(world, engine) {
  const run = await prepareRun(world, engine);
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  await waitForBytes(run, everything(run.manifest).downloadTotal / 4);
  return run;
}

/** What the download asks for from now on. */
function requestsFromNow(run) {
  const mark = run.world.proxy.requests.length;
  return () => requestsOf({ ...run, mark });
}

async function pausesABackgroundFetch(world) {
  const manifest = await world.loadManifest(WAVES);
  const pieceIndex = await world.loadPieceIndex(manifest);
  const [low, high] = [LOW_WAVE, HIGH_WAVE].map(({ path }) => findAsset(manifest, path));
  const { page, requests } = await startWithBackgroundFetch(world, WAVES, (path) => path === high.href);
  await waitForRecord(page, everything(manifest).backgroundFetch.id, low.href);
  await pressButton(page, controlOf(WAVES), 'Pause');
  await waitFor('the Background Fetch to end', async () => (await readFetchIds(page)).length === 0);
  await waitForDownload(page, WAVES, 'keeping what arrived', ({ bytesStored }) => bytesStored >= low.size);
  world.proxy.release();
  const { state, pauseReason } = await readDownload(page, WAVES);
  assert.deepEqual({ state, pauseReason }, { state: 'paused', pauseReason: 'user' });

  const stored = await readStoredPieces(page);
  const before = requests().length;
  await pressButton(page, controlOf(WAVES), 'Resume');
  await waitForComplete(page, WAVES);
  const after = requests().slice(before);
  assertNoneStored(after, pieceIndex, stored);
  assert.equal(sumBytes(after), high.size, 'bytes that arrived after the pause');
  await assertStoredWhole(page, pieceIndex);
}

async function cancelsABackgroundFetch(world) {
  const browser = await world.openBrowser('chromium');
  const page = await openLibrary(browser, world.url, COURSE);
  world.proxy.hold((path) => path.startsWith('/blobs/'));
  await pressButton(page, controlOf(COURSE), 'Download');
  await waitFor('a Background Fetch', async () => (await readFetchIds(page)).length === 1);
  await pressButton(page, controlOf(COURSE), 'Cancel');
  await waitFor('the Background Fetch to end', async () => (await readFetchIds(page)).length === 0);
  await assertNothingKept(page, COURSE);
}

async function cancelsPieces(world, engine) {
  const run = await beginSlowly(world, engine);
  const { page } = run;
  assert.ok((await readStoredPieces(page)).size > 0);
  await pressButton(page, controlOf(WAVES), 'Cancel');
  await assertNothingKept(page, WAVES);
  await waitForAllToEnd(world.proxy);
  const askedSinceCancel = requestsFromNow(run);
  await page.reload();
  await assertNothingKept(page, WAVES);
  assert.deepEqual(askedSinceCancel(), [], 'a visit does not begin it again');
}

async function removes(world, engine) {
  const browser = await world.openBrowser(engine);
  const page = await openLibrary(browser, world.url, COURSE);
  await pressButton(page, controlOf(COURSE), 'Download');
  await waitForComplete(page, COURSE);
  assert.ok(Object.keys((await readStorage(page)).pieces).length > 0);
  await pressButton(page, controlOf(COURSE), 'Remove');
  await pressButton(page, controlOf(COURSE), 'Remove');
  await assertNothingKept(page, COURSE);
}

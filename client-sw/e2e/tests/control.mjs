/** What the person decides: pause and go on, cancel, remove. Chromium. */
import assert from 'node:assert/strict';
import { assertNoneStored, downloadRequests, sumBytes } from '../accounts.mjs';
import {
  readDownload,
  readStorage,
  readStoredPieces,
  waitForComplete,
  waitForDownload,
} from '../client-state.mjs';
import { COURSE, HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton, waitForButton } from '../page-actions.mjs';
import { assertStoredWhole, everything, findAsset } from '../proofs.mjs';
import { readFetchIds, startWithBackgroundFetch, waitForRecord } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

const BYTES_PER_SECOND = 8 * 1024 * 1024;

export const controlTests = [
  {
    name: 'chromium: a paused download moves no bytes, and resumes without asking for a stored piece',
    run: pausesAndResumes,
  },
  {
    name: 'chromium: a paused Background Fetch keeps the assets that arrived, and resumes with the others',
    run: pausesABackgroundFetch,
  },
  { name: 'chromium: cancel ends the Background Fetch and leaves nothing behind', run: cancels },
  {
    name: 'chromium: remove deletes every stored byte, and the button offers the download again',
    run: removes,
  },
];

async function pausesAndResumes(world) {
  const manifest = await world.loadManifest(WAVES);
  const pieceIndex = await world.loadPieceIndex(manifest);
  const browser = await world.openBrowser('chromium');
  const page = await openLibrary(browser, world.url, WAVES, '?transport=pieces');
  world.proxy.limit(BYTES_PER_SECOND);
  await pressButton(page, controlOf(WAVES), 'Download');
  const { downloadTotal } = everything(manifest);
  await waitForDownload(
    page,
    WAVES,
    'a quarter stored',
    ({ bytesStored }) => bytesStored > downloadTotal / 4,
  );
  await pressButton(page, controlOf(WAVES), 'Pause');
  const paused = await waitForDownload(page, WAVES, 'paused', ({ state }) => state === 'paused');
  assert.equal(paused.pauseReason, 'user');
  await waitFor('all requests to end', () =>
    world.proxy.requests.every(({ complete, error, status }) => complete || error || status !== 200),
  );

  const stored = await readStoredPieces(page);
  const mark = world.proxy.requests.length;
  await page.reload();
  await waitForButton(page, controlOf(WAVES), 'Resume');
  assert.equal((await readDownload(page, WAVES)).state, 'paused', 'a visit alone does not end a pause');
  assert.deepEqual(
    downloadRequests(world.proxy.since(mark)).map(({ path }) => path),
    [],
    'a paused download asks for nothing',
  );

  world.proxy.limit(Number.POSITIVE_INFINITY);
  await pressButton(page, controlOf(WAVES), 'Resume');
  await waitForComplete(page, WAVES);
  assertNoneStored(downloadRequests(world.proxy.since(mark)), pieceIndex, stored);
  await assertStoredWhole(page, pieceIndex);
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

async function cancels(world) {
  const browser = await world.openBrowser('chromium');
  const page = await openLibrary(browser, world.url, COURSE);
  world.proxy.hold((path) => path.startsWith('/blobs/'));
  await pressButton(page, controlOf(COURSE), 'Download');
  await waitFor('a Background Fetch', async () => (await readFetchIds(page)).length === 1);
  await pressButton(page, controlOf(COURSE), 'Cancel');
  await waitFor('the Background Fetch to end', async () => (await readFetchIds(page)).length === 0);
  await assertNothingKept(page, COURSE);
}

async function removes(world) {
  const browser = await world.openBrowser('chromium');
  const page = await openLibrary(browser, world.url, COURSE);
  await pressButton(page, controlOf(COURSE), 'Download');
  await waitForComplete(page, COURSE);
  assert.ok(Object.keys((await readStorage(page)).pieces).length > 0);
  await pressButton(page, controlOf(COURSE), 'Remove');
  await pressButton(page, controlOf(COURSE), 'Remove');
  await assertNothingKept(page, COURSE);
}

async function assertNothingKept(page, tag) {
  await waitForButton(page, controlOf(tag), 'Download');
  await waitFor('empty stores', async () => {
    const { blobs, addresses, pieces } = await readStorage(page);
    return blobs.length + addresses + Object.keys(pieces).length === 0;
  });
  assert.equal(await readDownload(page, tag), undefined);
}

/** A download that meets faults: how it starts, and what must hold however it went. */
import assert from 'node:assert/strict';
import { coveredBytes, downloadRequests, piecesAsked, sumBytes } from './accounts.mjs';
import { readStoredPieces, waitForComplete, waitForDownload } from './client-state.mjs';
import { WAVES } from './fixtures.mjs';
import { controlOf, openLibrary, openQuietPage, pressButton } from './page-actions.mjs';
import { assertStoredWhole, everything } from './proofs.mjs';

/** Slow enough for something to happen in the middle. */
export const SLOW_BYTES_PER_SECOND = 8 * 1024 * 1024;
/** Longer than the page takes to end a Background Fetch of which Chromium has forgotten a request (docs/browsers.md). */
const COMPLETE_LIMIT_MS = 260_000;

/** Opens the library in a browser. `query` chooses the transport, `options` are the browser's. */
export async function prepareRun(world, engine, query = '?transport=pieces', options = undefined) {
  const manifest = await world.loadManifest(WAVES);
  const pieceIndex = await world.loadPieceIndex(manifest);
  const browser = await world.openBrowser(engine, options);
  const page = await openLibrary(browser, world.url, WAVES, query);
  return { world, browser, page, manifest, pieceIndex, mark: world.proxy.requests.length };
}

export function pressDownload({ page }) {
  return pressButton(page, controlOf(WAVES), 'Download');
}

/** The next answer that matches is cut, and from then on the server says that it has something else. */
export function cutIntoAnotherEtag({ world: { proxy } }, matches, onChange = () => undefined) {
  proxy.fault({
    matches,
    cutAfter: (length) => {
      setImmediate(() => {
        onChange();
        proxy.changeEtag(matches, '"another"');
      });
      return Math.floor(length * 0.6);
    },
  });
}

export function waitForBytes({ page, id = WAVES }, bytes) {
  return waitForDownload(page, id, 'on its way', ({ bytesStored }) => bytesStored >= bytes);
}

/**
 * Complete, every digest right, and no more bytes than the release has and the faults have destroyed.
 * @param destroyed at most what was sent and could not be used: bytes, or how to count them when all is over
 */
export async function assertEndsComplete(run, destroyed) {
  const { world, page, manifest, pieceIndex, id = WAVES } = run;
  await waitForComplete(page, id, { timeoutMs: COMPLETE_LIMIT_MS });
  await assertStoredWhole(page, pieceIndex);
  assert.equal(world.proxy.faultsLeft, 0, 'faults that were not met');
  const bytes = sumBytes(requestsOf(run));
  const { downloadTotal } = everything(manifest);
  const destroyedBytes = typeof destroyed === 'function' ? destroyed() : destroyed;
  assert.ok(bytes >= downloadTotal, `${bytes} bytes cannot hold ${downloadTotal}`);
  assert.ok(
    bytes <= downloadTotal + destroyedBytes,
    `${bytes} bytes arrived for ${downloadTotal}, and the faults destroyed ${destroyedBytes}`,
  );
}

export function largestPiece(pieceIndex) {
  return Math.max(...pieceIndex.blobs.flatMap(({ pieces }) => pieces.map(({ length }) => length)));
}

/** Requests for this release: a page's picture of another tag is none of them. */
export function requestsOf({ world, manifest, pieceIndex, mark }) {
  return downloadRequests(world.proxy.since(mark)).filter(
    ({ path }) => path === manifest.download.pieces.href || piecesAsked(path, pieceIndex).length > 0,
  );
}

/** What requests that broke off had sent: none of it is worth anything, at worst. */
export function brokenBytes(run) {
  return sumBytes(requestsOf(run).filter(({ complete }) => !complete));
}

/** What had been sent and is not stored: on its way, or not yet on the disk. Asked before any page goes on. */
export async function countDestroyed(run) {
  const { world, browser, pieceIndex } = run;
  const quiet = await openQuietPage(browser, world.url);
  const stored = await readStoredPieces(quiet);
  await quiet.close();
  assert.ok(stored.size > 0, 'nothing survived');
  const sent = sumBytes(requestsOf(run).filter(({ path }) => path.startsWith('/blobs/')));
  return sent - coveredBytes(pieceIndex, stored);
}

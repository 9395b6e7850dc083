/** The pieces transport with the server killed halfway: what is stored is never fetched again. */
import assert from 'node:assert/strict';
import {
  assertNoneStored,
  coveredBytes,
  downloadRequests,
  piecesAsked,
  sumBytes,
  waitForServerCount,
} from '../accounts.mjs';
import { dispatchSync, readSyncTags } from '../background-sync.mjs';
import { readDownload, readStoredPieces, waitForComplete, waitForDownload } from '../client-state.mjs';
import { assertEndsComplete, brokenBytes, prepareRun, pressDownload, waitForBytes } from '../fault-run.mjs';
import { COURSE, COURSE_LESSON, HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, openQuietPage, pressButton, waitForControl } from '../page-actions.mjs';
import { assertExactRanges, assertPlays, assertStoredWhole, everything, findAsset } from '../proofs.mjs';
import { waitFor } from '../wait-for.mjs';

/** Slow enough that the kill meets parts of which some pieces are stored and others are not. */
const BYTES_PER_SECOND = 8 * 1024 * 1024;
const SETTLED_BYTES = 6 * 1024 * 1024;
const PART_PATH = /^\/blobs\/.*\/pieces\//;

export const interruptionTests = [
  {
    name: 'chromium: pieces go on by Background Sync after the server was killed, without a page and without a byte twice',
    run: resumesByBackgroundSync,
  },
  {
    name: 'firefox: pieces go on after the server was killed and the page reloaded; no stored byte twice; plays offline',
    run: resumesInFirefox,
  },
  {
    name: 'firefox: pieces go on in the worker when their page is left',
    run: goesOnInTheWorker,
  },
  {
    name: 'firefox: the course is kept in pieces, and its video plays with the server gone',
    run: keepsTheCourseInFirefox,
  },
];

async function resumesByBackgroundSync(world) {
  const browser = await world.openBrowser('chromium');
  const { page, manifest, stored } = await loseTheServerHalfway(world, browser, '?transport=pieces');
  assert.deepEqual(await readSyncTags(page), [`stowaway:${WAVES}`]);
  const quiet = await openQuietPage(browser, world.url);
  await page.close();

  await world.comeBack();
  const mark = world.proxy.requests.length;
  await dispatchSync(browser.context, quiet, `stowaway:${WAVES}`);
  await waitForComplete(quiet, WAVES);
  await assertOnlyMissingWasFetched(world, mark, manifest, stored);
  await assertStoredWhole(quiet, await world.loadPieceIndex(manifest));

  await world.goAway();
  await assertPlays(browser, world.url, HIGH_WAVE);
}

async function resumesInFirefox(world) {
  const browser = await world.openBrowser('firefox');
  const { page, manifest, stored } = await loseTheServerHalfway(world, browser);
  await page.reload();
  await waitForControl(page, WAVES);

  const mark = world.proxy.requests.length;
  await world.comeBack();
  await page.reload();
  await waitForControl(page, WAVES);
  await waitForComplete(page, WAVES);
  await assertOnlyMissingWasFetched(world, mark, manifest, stored);
  await assertStoredWhole(page, await world.loadPieceIndex(manifest));

  await world.goAway();
  for (const lesson of [LOW_WAVE, HIGH_WAVE]) await assertPlays(browser, world.url, lesson);
  await assertExactRanges(
    page,
    findAsset(manifest, LOW_WAVE.path).href,
    world.fixtures.read(WAVES, LOW_WAVE.path),
  );
}

/** Firefox has no Background Sync: the page hands over as it goes, to a worker that is let run for a while. */
async function goesOnInTheWorker(world) {
  const run = await prepareRun(world, 'firefox');
  world.proxy.limit(BYTES_PER_SECOND);
  await pressDownload(run);
  await waitForBytes(run, SETTLED_BYTES);
  // A page of the origin without any script.
  await run.page.goto(`${world.url}/client/app/icon.svg`);
  const { state, bytesStored, bytesTotal } = await readDownload(run.page, WAVES);
  assert.equal(state, 'downloading');
  assert.ok(bytesStored < bytesTotal, 'there is nothing left to hand over');
  await assertEndsComplete(run, () => brokenBytes(run));
}

async function keepsTheCourseInFirefox(world) {
  const manifest = await world.loadManifest(COURSE);
  const browser = await world.openBrowser('firefox');
  const page = await openLibrary(browser, world.url, COURSE);
  const mark = world.proxy.requests.length;
  await pressButton(page, controlOf(COURSE), 'Download');
  const download = await waitForComplete(page, COURSE);
  assert.equal(download.transport, 'pieces');
  const bytes = sumBytes(downloadRequests(world.proxy.since(mark)));
  assert.equal(bytes, everything(manifest).downloadTotal, 'bytes that arrived');
  await assertStoredWhole(page, await world.loadPieceIndex(manifest));

  await world.goAway();
  await assertPlays(browser, world.url, COURSE_LESSON);
}

/**
 * Starts `waves` slowly, kills the server while a part is half stored, and waits until the client has seen it. Such a
 * part is the hard case: asking for it again as a whole would fetch stored pieces twice.
 */
async function loseTheServerHalfway(world, browser, query) {
  const manifest = await world.loadManifest(WAVES);
  const pieceIndex = await world.loadPieceIndex(manifest);
  const page = await openLibrary(browser, world.url, WAVES, query);
  world.proxy.limit(BYTES_PER_SECOND);
  await pressButton(page, controlOf(WAVES), 'Download');
  await waitForDownload(page, WAVES, 'on its way', ({ bytesStored }) => bytesStored > SETTLED_BYTES);
  await waitFor('a part of which some pieces are stored', async () => {
    world.proxy.stall();
    if (hasHalfStoredPart(world.proxy.requests, pieceIndex, await readStoredPieces(page))) return true;
    world.proxy.flow();
    return false;
  });
  await world.goAway();
  await waitForDownload(page, WAVES, 'paused', ({ state }) => state === 'paused');
  world.proxy.limit(Number.POSITIVE_INFINITY);
  return { page, manifest, stored: await readStoredPieces(page) };
}

function hasHalfStoredPart(requests, pieceIndex, stored) {
  return downloadRequests(requests).some(({ path }) => {
    const pieces = piecesAsked(path, pieceIndex);
    return pieces.some((piece) => stored.has(piece)) && !pieces.every((piece) => stored.has(piece));
  });
}

/**
 * Nothing that was stored is asked for after `mark`, and no more bytes come than are missing. Fewer may: Firefox goes on
 * with the answer that the kill cut off, with a Range of its own.
 */
async function assertOnlyMissingWasFetched(world, mark, manifest, stored) {
  const pieceIndex = await world.loadPieceIndex(manifest);
  const asked = downloadRequests(world.proxy.since(mark));
  assertNoneStored(asked, pieceIndex, stored);
  const kept = coveredBytes(pieceIndex, stored);
  assert.ok(kept > 0, 'nothing was stored before the server went');
  const missing = pieceIndex.blobs.reduce((sum, { size }) => sum + size, 0) - kept;
  const arrived = sumBytes(asked);
  assert.ok(
    arrived <= missing,
    `${arrived} bytes arrived after the server came back, ${missing} were missing`,
  );
  await waitForServerCount(world.server.log, ({ run, path }) => run === 2 && PART_PATH.test(path), arrived);
}

/** Storage that runs full in mid-download, because the same site fills it, and storage that never had the room. */
import assert from 'node:assert/strict';
import { assertNoneStored, coveredBytes, downloadRequests, sumBytes, waitForAllToEnd } from '../accounts.mjs';
import {
  readDownload,
  readStorage,
  readStoredPieces,
  waitForComplete,
  waitForDownload,
} from '../client-state.mjs';
import {
  assertEndsComplete,
  prepareRun,
  pressDownload,
  requestsOf,
  SLOW_BYTES_PER_SECOND,
  waitForBytes,
} from '../fault-run.mjs';
import { emptyStorage, fillStorage, limitRoom } from '../fill-storage.mjs';
import { HIGH_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, pressButton } from '../page-actions.mjs';
import { assertWaitsForRoom, beginWithoutRoom, ROOM_BYTES, waitForSaid } from '../progressive-run.mjs';
import { assertNothingKept, assertPlays, assertStoredWhole, findAsset } from '../proofs.mjs';
import { readFetchIds } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

const MIB = 1024 * 1024;
/** Enough for some of it. */
const TOO_LITTLE_BYTES = 16 * MIB;
/** What is left in mid-download when the site fills its storage. */
const LEFT_BYTES = 6 * MIB;

export const quotaTests = [
  ...Object.entries({ chromium: runsFullInChromium, firefox: runsFullInFirefox }).map(([engine, run]) => ({
    name: `${engine}: storage that runs full in mid-download loses nothing, says so, and goes on when there is room`,
    run,
  })),
  {
    name: 'chromium: a Background Fetch that runs out of room keeps what arrived, and only the rest comes, by pieces',
    run: runsFullInABackgroundFetch,
  },
  {
    name: 'firefox: what does not fit plays from the network and keeps what was played; with room, only the rest is fetched',
    run: playsWhatDoesNotFit,
  },
  {
    name: 'firefox: what waits for room is paused, resumed and cancelled like any download, and says what is true',
    run: obeysWithoutRoom,
  },
  {
    name: 'firefox: who is still asked whether data may be kept can cancel, and a yes that comes later begins nothing',
    run: cancelsWhileAsked,
  },
];

async function runsFullInChromium(world) {
  const run = await prepareRun(world, 'chromium');
  await limitRoom(run, TOO_LITTLE_BYTES);
  await pressDownload(run);
  await assertLosesNothing(run, () => limitRoom(run, ROOM_BYTES));
}

async function runsFullInFirefox(world) {
  const run = await prepareRun(world, 'firefox', '?transport=pieces', { roomBytes: ROOM_BYTES });
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  await waitForBytes(run, LEFT_BYTES);
  world.proxy.stall();
  await fillStorage(run.page, LEFT_BYTES);
  world.proxy.flow();
  await assertLosesNothing(run, () => emptyStorage(run.page));
}

/** The room is there when it begins, and is enough for one lesson when the bytes come: the other one's are destroyed. */
async function runsFullInABackgroundFetch(world) {
  const run = await prepareRun(world, 'chromium', '');
  world.proxy.hold((path) => path.startsWith('/blobs/'));
  await pressDownload(run);
  await waitFor('the Background Fetch', async () => (await readFetchIds(run.page)).length === 1);
  await limitRoom(run, TOO_LITTLE_BYTES);
  world.proxy.release();
  await assertEndsComplete(run, findAsset(run.manifest, HIGH_WAVE.path).size);
  assert.equal((await readDownload(run.page, WAVES)).transport, 'pieces');
  const byPieces = requestsOf(run).filter(({ path }) => path.includes('/pieces/'));
  const lessons = new Set(byPieces.map(({ path }) => path.split('/')[2]));
  assert.equal(lessons.size, 1, 'one lesson came again, and the one that was kept did not');
}

async function assertLosesNothing(run, giveRoom) {
  const { world, page, manifest, pieceIndex } = run;
  const failed = await waitForDownload(page, WAVES, 'out of room', ({ state }) => state === 'failed');
  assert.equal(failed.error.code, 'quota-exceeded');
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await assertPlays(run.browser, world.url, HIGH_WAVE); // From the network, as far as it is not stored.
  await page.bringToFront();
  await waitForAllToEnd(world.proxy);
  const stored = await readStoredPieces(page);
  const storedBytes = coveredBytes(pieceIndex, stored);
  assert.ok(storedBytes + manifest.download.pieces.size >= failed.bytesStored, 'what was stored is there');
  for (const [promised, actual] of Object.entries((await readStorage(page)).pieces))
    assert.equal(actual, promised, 'what is stored is right');

  await giveRoom();
  const resumed = world.proxy.requests.length;
  const sent = sumBytes(requestsOf(run).filter(({ path }) => path.startsWith('/blobs/')));
  await pressButton(page, controlOf(WAVES), 'Retry');
  await waitFor('the retry', async () => (await readDownload(page, WAVES)).state !== 'failed');
  await assertEndsComplete(run, sent - storedBytes);
  assertNoneStored(downloadRequests(world.proxy.since(resumed)), pieceIndex, stored);
}

async function playsWhatDoesNotFit(world) {
  const run = await beginWithoutRoom(world, LEFT_BYTES);
  const { page, manifest, pieceIndex } = run;
  const lists = requestsOf(run).map(({ path }) => path);
  assert.deepEqual(lists, [manifest.download.pieces.href], 'nothing but the piece lists was fetched');

  const kept = await playFromNetwork(run);
  assert.ok(kept.size > 0, 'what was played is kept');
  assert.ok(coveredBytes(pieceIndex, kept) <= LEFT_BYTES, 'and no more than there is room for');

  await emptyStorage(page);
  await page.bringToFront();
  const resumed = world.proxy.requests.length;
  await pressButton(page, controlOf(WAVES), 'Resume');
  await waitForComplete(page, WAVES);
  await assertStoredWhole(page, pieceIndex);
  assertNoneStored(downloadRequests(world.proxy.since(resumed)), pieceIndex, kept);
}

/** Plays a lesson that is not stored, and tells what is kept of it. */
async function playFromNetwork({ browser, world, page }) {
  await assertPlays(browser, world.url, HIGH_WAVE);
  await waitForAllToEnd(world.proxy);
  await page.bringToFront();
  return readStoredPieces(page);
}

/** Whoever pauses is believed over a visit; whoever resumes without room waits for it again; cancel leaves nothing. */
async function obeysWithoutRoom(world) {
  const run = await beginWithoutRoom(world, LEFT_BYTES, { mayPersist: false });
  const { page } = run;
  const { size } = await playFromNetwork(run);
  assert.ok(size > 0, 'what was played is kept');
  const mark = world.proxy.requests.length;
  await page.evaluate(
    (tag) => document.querySelector(`stowaway-download[tag="${tag}"]`).downloads.pause(tag),
    WAVES,
  );
  await waitForSaid(page, /^Paused$/);
  await page.reload();
  await waitForSaid(page, /^Paused$/);

  await pressButton(page, controlOf(WAVES), 'Resume');
  await assertWaitsForRoom(page);
  assert.equal((await readStoredPieces(page)).size, size, 'what was played stays');
  assert.deepEqual(requestsOf({ ...run, mark }), [], 'nothing that would find no room is asked for');

  await pressButton(page, controlOf(WAVES), 'Cancel');
  await assertNothingKept(page, WAVES);
}

async function cancelsWhileAsked(world) {
  const run = await prepareRun(world, 'firefox', '', { roomBytes: ROOM_BYTES });
  const { page } = run;
  await fillStorage(page, LEFT_BYTES);
  await page.evaluate(() => {
    navigator.storage.persist = () =>
      new Promise((resolve) => {
        globalThis.answerPrompt = resolve;
      });
  });
  await pressDownload(run);
  await pressButton(page, controlOf(WAVES), 'Cancel');
  await assertNothingKept(page, WAVES);
  await emptyStorage(page);
  await page.evaluate(() => globalThis.answerPrompt(true));
  // As long as a download takes to begin that nobody has cancelled.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2_000)));
  assert.deepEqual(requestsOf(run), [], 'nothing was asked for');
  await assertNothingKept(page, WAVES);
}

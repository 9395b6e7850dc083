/** What is stored already, of an older release or of another tag, is never fetched again. Bytes as the server counts them. */
import assert from 'node:assert/strict';
import { downloadRequests, piecesAsked, sumBytes, sumWireBytes, waitForServerCount } from '../accounts.mjs';
import { readStoredPieces, waitForComplete, waitForDownload } from '../client-state.mjs';
import { makeEpisode } from '../episode.mjs';
import { LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton, rowOf, waitForButton } from '../page-actions.mjs';
import { assertStoredWhole, findAsset } from '../proofs.mjs';
import { waitFor } from '../wait-for.mjs';

const SHOW = 'show';
const EPISODE = { path: '01-episode.mp3', seconds: 720, seed: 0x51ab_0011 };
/** An author's editor writes a longer tag, and with it moves all of the audio. */
const TAG = { TIT2: 'Draft', TPE1: 'Somebody' };
const BETTER_TAG = { TIT2: 'The first episode', TPE1: 'Somebody', COMM: 'eng '.padEnd(40_001, 'notes ') };
const MOST_NEW_PIECES = 2;
const SECOND = 'second';
const BOTH_ENGINES = ['chromium', 'firefox'];

export const sharingTests = [
  ...BOTH_ENGINES.map((engine) => ({
    name: `${engine}: an mp3 whose tag was rewritten costs one or two pieces, and not its audio`,
    run: (world) => retags(world, engine),
  })),
  ...BOTH_ENGINES.map((engine) => ({
    name: `${engine}: what two tags share, a file or pieces of one, is fetched for the first of them only`,
    run: (world) => sharesBetweenTags(world, engine),
  })),
];

async function retags(world, engine) {
  await publishFiles(world, SHOW, episodeWith(TAG));
  const browser = await world.openBrowser(engine);
  const page = await openLibrary(browser, world.url, SHOW);
  await pressButton(page, controlOf(SHOW), 'Download');
  await waitForComplete(page, SHOW);
  const stored = await readStoredPieces(page);
  await page.goto(`${world.url}/downloads`);
  await waitForButton(page, rowOf(SHOW), 'Remove');

  await publishFiles(world, SHOW, episodeWith(BETTER_TAG));
  // One worker of the server may answer the release before for a moment when another does no more: several connections are asked.
  const isAnswered = async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.loadManifest(SHOW)));
    return answers.every(({ download }) => download.release === 2);
  };
  await waitFor('release 2 to be answered', isAnswered);
  const { manifest, pieceIndex, fresh } = await loadFresh(world, SHOW, stored);
  assert.equal(manifest.download.release, 2);
  assert.ok(
    fresh.length >= 1 && fresh.length <= MOST_NEW_PIECES,
    `a new tag makes ${fresh.length} new pieces`,
  );
  assert.ok(
    pieceIndex.blobs.some(({ pieces }) => pieces.length > 4 * MOST_NEW_PIECES),
    'the episode is longer',
  );

  const mark = markOf(world);
  await page.evaluate(() => dispatchEvent(new Event('online'))); // When a page looks for updates again.
  await pressButton(page, rowOf(SHOW), 'Update');
  const isNew = ({ release, state }) => release === 2 && state === 'complete';
  await waitForDownload(page, SHOW, 'release 2, complete', isNew);
  await assertOnlyFresh(world, mark, { manifest, pieceIndex, fresh });
  await assertStoredWhole(page, pieceIndex);
}

/** The second tag has one file of the first as it is, another that differs from the first's in its header, and one of its own. */
async function sharesBetweenTags(world, engine) {
  const low = LOW_WAVE.make();
  await publishFiles(world, SHOW, episodeWith(TAG));
  await publishFiles(world, SECOND, {
    '01-same.wav': low,
    '02-almost-the-same.mp3': episodeWith(BETTER_TAG)[EPISODE.path],
    '03-new.mp3': makeEpisode({ tag: TAG, seconds: 300, seed: 0x51ab_0012 }),
  });
  const browser = await world.openBrowser(engine);
  const page = await openLibrary(browser, world.url, SECOND);
  for (const tag of [WAVES, SHOW]) {
    await pressButton(page, controlOf(tag), 'Download');
    await waitForComplete(page, tag);
  }
  const news = await loadFresh(world, SECOND, await readStoredPieces(page));
  const same = findAsset(news.manifest, '01-same.wav');
  assert.equal(
    same.properties.digest,
    findAsset(await world.loadManifest(WAVES), LOW_WAVE.path).properties.digest,
    'one file of two tags is one blob',
  );

  const mark = markOf(world);
  await pressButton(page, controlOf(SECOND), 'Download');
  await waitForComplete(page, SECOND);
  await assertOnlyFresh(world, mark, news);
  await assertStoredWhole(page, news.pieceIndex);
}

const episodeWith = (tag) => ({ [EPISODE.path]: makeEpisode({ ...EPISODE, tag }) });

function publishFiles(world, tag, files) {
  return world.fixtures.publishFiles(world.dataFolder, tag, files);
}

/** The current release, and its pieces that are not stored. */
async function loadFresh(world, tag, stored) {
  const manifest = await world.loadManifest(tag);
  const pieceIndex = await world.loadPieceIndex(manifest);
  const all = new Map(pieceIndex.blobs.flatMap(({ pieces }) => pieces).map((piece) => [piece.sha256, piece]));
  return { manifest, pieceIndex, fresh: [...all.values()].filter(({ sha256 }) => !stored.has(sha256)) };
}

function markOf(world) {
  return { proxy: world.proxy.requests.length, server: world.server.log.entries.length };
}

/** Since the mark each new piece was fetched once, with the piece index, and not a byte more: the server's log says so, too. */
async function assertOnlyFresh(world, mark, { manifest, pieceIndex, fresh }) {
  const { href, size } = manifest.download.pieces;
  const asked = downloadRequests(world.proxy.since(mark.proxy));
  const pieces = asked.flatMap(({ path }) => piecesAsked(path, pieceIndex));
  assert.deepEqual(pieces.sort(), fresh.map(({ sha256 }) => sha256).sort(), 'pieces asked for');
  const freshBytes = fresh.reduce((sum, { length }) => sum + length, 0);
  assert.equal(sumBytes(asked), freshBytes + size, 'bytes of content that arrived');
  // Of the pieces, which are never coded, the log's bytes are bytes of content; the index came once.
  assert.equal(sumWireBytes(asked.filter(({ path }) => path !== href)), freshBytes, 'bytes of pieces');
  const paths = new Set(asked.map(({ path }) => path));
  await waitForServerCount(
    { entries: world.server.log.since(mark.server) },
    ({ path }) => paths.has(path) && path !== href,
    freshBytes,
  );
}

/** Playing what is not downloaded, or not yet, or is meanwhile. */
import assert from 'node:assert/strict';
import { assertNoneStored, downloadRequests, waitForAllToEnd } from '../accounts.mjs';
import { readStoredPieces, waitForComplete, waitForDownload } from '../client-state.mjs';
import { HIGH_WAVE, LONG_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { stopWorkers } from '../hold-storage.mjs';
import { controlOf, openLibrary, openPlayer, pressButton, waitForControl } from '../page-actions.mjs';
import { assertHears, assertPlays, assertStoredWhole, findAsset } from '../proofs.mjs';

/** Far enough apart that no place is in the browser's buffer of another: each seek makes a request of its own. */
const FROM_NETWORK = 0.8;
const FROM_STORAGE = 0.3;
const WITHOUT_SERVER = 0.55;
const NEAR_THE_END = 0.9;

const BYTES_PER_SECOND = 8 * 1024 * 1024;
const SETTLED_BYTES = 4 * 1024 * 1024;
/** Of an answer to a player, `sw/read-blob.ts`. */
const MOST_PIECES_IN_AN_ANSWER = 16;
/** Browsers play no faster. */
const FASTEST = 16;
const FAST_LIMIT_MS = 60_000;

export const playingTests = [
  {
    name: 'chromium: a lesson that is downloaded while it plays seeks and plays on from storage, without the server, and with its worker killed',
    run: playsOnFromStorage,
  },
  ...['chromium', 'firefox'].map((engine) => ({
    name: `${engine}: plays what is not downloaded yet, keeps what was played, and fetches no byte of it again`,
    run: (world) => playsAheadOfTheDownload(world, engine),
  })),
  ...['chromium', 'firefox'].map((engine) => ({
    name: `${engine}: a lesson longer than any answer plays from storage over the ends of answers, without the server`,
    long: engine === 'chromium', // make memory seeks through one of 2 GiB.
    run: (world) => playsOverTheEndsOfAnswers(world, engine),
  })),
  {
    name: 'chromium: a seek far into a long stored lesson reads from storage what an answer has, and nothing on the way there',
    run: readsWhatASeekNeeds,
  },
];

async function playsAheadOfTheDownload(world, engine) {
  const manifest = await world.loadManifest(WAVES);
  const pieceIndex = await world.loadPieceIndex(manifest);
  const asset = findAsset(manifest, HIGH_WAVE.path);
  const browser = await world.openBrowser(engine);
  const page = await openLibrary(browser, world.url, WAVES, '?transport=pieces');
  const mark = world.proxy.requests.length;
  world.proxy.limit(BYTES_PER_SECOND);
  await pressButton(page, controlOf(WAVES), 'Download');
  await waitForDownload(page, WAVES, 'begun', ({ bytesStored }) => bytesStored > SETTLED_BYTES);
  await pressButton(page, controlOf(WAVES), 'Pause');
  await waitForDownload(page, WAVES, 'paused', ({ state }) => state === 'paused');
  await waitForAllToEnd(world.proxy);
  world.proxy.limit(Number.POSITIVE_INFINITY);
  const stored = await readStoredPieces(page);

  await assertPlays(browser, world.url, HIGH_WAVE);
  const played = [...(await readStoredPieces(page))].filter((piece) => !stored.has(piece));
  assert.ok(played.length > 0, 'what was played is kept');
  const wholeAsset = world.proxy.since(mark).filter(({ path }) => path === asset.href);
  assert.deepEqual(wholeAsset, [], 'the player asks for nothing but pieces');

  const resumed = world.proxy.requests.length;
  await page.bringToFront();
  await pressButton(page, controlOf(WAVES), 'Resume');
  await waitForComplete(page, WAVES);
  const asked = downloadRequests(world.proxy.since(resumed));
  assertNoneStored(asked, pieceIndex, new Set([...stored, ...played]));
  await assertStoredWhole(page, pieceIndex);
}

async function playsOnFromStorage(world) {
  const { href } = findAsset(await world.loadManifest(WAVES), LOW_WAVE.path);
  const countPlayerRequests = () =>
    world.proxy.requests.filter(({ path, headers }) => path === href && headers['sec-fetch-dest'] === 'audio')
      .length;
  const browser = await world.openBrowser('chromium');
  const page = await openPlayer(browser, world.url, LOW_WAVE);
  await waitForControl(page, WAVES);
  await page.waitForSelector('audio');
  await assertHears(page, LOW_WAVE, FROM_NETWORK);
  assert.ok(countPlayerRequests() > 0, 'it plays from the network first');

  await page.evaluate(() => document.querySelector('audio').play());
  await pressButton(page, controlOf(WAVES), 'Download');
  await waitForComplete(page, WAVES);
  const before = countPlayerRequests();
  await assertHears(page, LOW_WAVE, FROM_STORAGE);
  assert.equal(countPlayerRequests(), before, 'what is downloaded is not asked of the network');

  await world.goAway();
  // The browser may end a worker at any moment, also one that is being played from.
  await page.evaluate(() => document.querySelector('audio').play());
  await stopWorkers(browser.context, page);
  await assertHears(page, LOW_WAVE, WITHOUT_SERVER);
}

/** From its beginning, fast, over the end of the first answer; then at places of other answers. */
async function playsOverTheEndsOfAnswers(world, engine) {
  const { browser, pieces, size, duration } = await downloadLongWave(world, engine);
  const page = await openPlayer(browser, world.url, LONG_WAVE);
  await page.waitForSelector('audio');
  const firstAnswer = (pieces[MOST_PIECES_IN_AN_ANSWER].offset / size) * duration;
  await playFast(page, firstAnswer + 10);
  for (const fraction of [0.6, 0.2, 0.95]) await assertHears(page, LONG_WAVE, fraction);
}

async function readsWhatASeekNeeds(world) {
  const { browser, pieces, size } = await downloadLongWave(world, 'chromium');
  const [worker] = browser.context.serviceWorkers();
  await worker.evaluate(noteReads);
  const page = await openPlayer(browser, world.url, LONG_WAVE);
  await page.waitForSelector('audio');
  await assertHears(page, LONG_WAVE, NEAR_THE_END);

  const answers = (await worker.evaluate(() => self.piecesRead)).map((digests) =>
    digests.map((digest) => pieces.findIndex(({ sha256 }) => sha256 === digest)),
  );
  const said = JSON.stringify(answers);
  for (const answer of answers) assert.ok(answer.length <= MOST_PIECES_IN_AN_ANSWER, said);
  const sought = pieces.findIndex(({ offset, length }) => offset + length > size * NEAR_THE_END);
  const read = new Set(answers.flat());
  assert.ok(read.has(sought), `piece ${sought} was read: ${said}`);
  // A player may ask for a little before the place.
  const onTheWay = pieces.map((_, i) => i).slice(MOST_PIECES_IN_AN_ANSWER, sought - 1);
  assert.ok(onTheWay.length > 0, 'there is something on the way');
  assert.deepEqual(
    onTheWay.filter((piece) => read.has(piece)),
    [],
    `pieces on the way were read: ${said}`,
  );
}

/** Runs in the worker: notes the digests of the pieces that are read, by transaction: an answer has one. */
function noteReads() {
  const { get } = IDBObjectStore.prototype;
  const transactions = new Map();
  self.piecesRead = [];
  IDBObjectStore.prototype.get = function (key) {
    if (this.name === 'pieces') {
      if (!transactions.has(this.transaction)) {
        transactions.set(this.transaction, []);
        self.piecesRead.push(transactions.get(this.transaction));
      }
      transactions.get(this.transaction).push(key);
    }
    return get.call(this, key);
  };
}

/** A lesson of more pieces than an answer to a player has, downloaded, and its server away. */
async function downloadLongWave(world, engine) {
  const { tag, path } = LONG_WAVE;
  await world.fixtures.publishLongWave(world.dataFolder);
  const manifest = await world.loadManifest(tag);
  const { size, duration } = findAsset(manifest, path);
  const { pieces } = (await world.loadPieceIndex(manifest)).blobs.find((one) => one.size === size);
  assert.ok(pieces.length > MOST_PIECES_IN_AN_ANSWER, `${pieces.length} pieces are too few`);
  const browser = await world.openBrowser(engine);
  const library = await openLibrary(browser, world.url, tag, '?transport=pieces');
  await pressButton(library, controlOf(tag), 'Download');
  await waitForComplete(library, tag);
  await world.goAway();
  return { browser, pieces, size, duration };
}

/** Plays on from where it is to a place, as fast as browsers do. */
function playFast(page, toSeconds) {
  return page.evaluate(
    ({ toSeconds, rate, limitMs }) => {
      const audio = document.querySelector('audio');
      audio.muted = true;
      audio.playbackRate = rate;
      return new Promise((resolve, reject) => {
        const fail = (why) => reject(new Error(`${why} at ${audio.currentTime} s of ${toSeconds} s`));
        const timer = setTimeout(() => fail('it stands still'), limitMs);
        const look = () => {
          if (audio.currentTime < toSeconds) return;
          clearTimeout(timer);
          audio.removeEventListener('timeupdate', look);
          audio.pause();
          audio.playbackRate = 1;
          resolve();
        };
        audio.addEventListener('timeupdate', look);
        audio.addEventListener('error', () => fail(audio.error.message));
        audio.play().catch((error) => fail(error.message));
      });
    },
    { toSeconds, rate: FASTEST, limitMs: FAST_LIMIT_MS },
  );
}

/**
 * What plays from the network for want of room: there is no download to finish. All is well when the right sound is heard at the right
 * place, and what has come is kept, but for what the fault has destroyed.
 */
import assert from 'node:assert/strict';
import { assertNoneStored, coveredBytes, sumBytes, waitForAllToEnd } from '../accounts.mjs';
import { readStorage, readStoredPieces } from '../client-state.mjs';
import { cutIntoAnotherEtag, largestPiece } from '../fault-run.mjs';
import { HIGH_WAVE, WAVES } from '../fixtures.mjs';
import { jumpClock } from '../jump-clock.mjs';
import { isPart } from '../network-faults.mjs';
import { openLibrary, openPlayer, pressButton, waitForButton } from '../page-actions.mjs';
import { assertWaitsForRoom, beginWithoutRoom } from '../progressive-run.mjs';
import { assertHears, findAsset } from '../proofs.mjs';
import { replaceWorker } from '../replace-worker.mjs';
import { spoilPieces } from '../spoil-storage.mjs';

/** Too little for the download, and enough for a lesson. */
const LEFT_BYTES = 28 * 1024 * 1024;
const NEAR_THE_END = 0.8;
const BEFORE_THE_MIDDLE = 0.4;
const DAY_MS = 24 * 60 * 60 * 1000;

const brokenBytes = (asked) => sumBytes(asked.filter(({ complete }) => !complete));
const hearsTheEnd = (_run, player) => assertHears(player, HIGH_WAVE, NEAR_THE_END);

const ERRORS = {
  setUp: ({ proxy }) => proxy.fault({ matches: isPart, status: 500 }),
  play: hearsTheEnd,
  destroyed: () => 0,
};
const CUTS = {
  setUp: ({ proxy }) => proxy.fault({ matches: isPart, cutAfter: (length) => Math.floor(length / 2) }),
  play: hearsTheEnd,
  destroyed: brokenBytes,
};
const WRONG_BYTE = {
  setUp: ({ proxy }) => proxy.fault({ matches: isPart, damageAt: (length) => Math.floor(length / 2) }),
  play: hearsTheEnd,
  destroyed: (_asked, { pieceIndex }) => largestPiece(pieceIndex),
};
const ANOTHER_ETAG = {
  setUp: (world) => cutIntoAnotherEtag({ world }, isPart),
  play: hearsTheEnd,
  destroyed: brokenBytes,
};

/** Without a server nothing plays that is not kept: the page says so, and plays on when it is asked again. */
const KILLED_SERVER = {
  async play({ world }, player) {
    await player.evaluate(() => document.querySelector('audio').play());
    await world.goAway();
    await player.evaluate((part) => {
      const media = document.querySelector('audio');
      media.currentTime = media.duration * part;
    }, NEAR_THE_END);
    await waitForButton(player, '.stage-problem', 'Try again');
    await world.comeBack();
    await pressButton(player, '.stage-problem', 'Try again');
    await assertHears(player, HIGH_WAVE, NEAR_THE_END);
  },
  destroyed: brokenBytes,
};

/** A second tab opens the lesson at the same moment, and asks for the same pieces. */
const TWO_TABS = {
  async play({ world, browser }, player) {
    world.proxy.hold(isPart);
    const second = await openPlayer(browser, world.url, HIGH_WAVE);
    await second.waitForSelector('audio');
    world.proxy.release();
    for (const tab of [second, player]) {
      await tab.bringToFront();
      await assertHears(tab, HIGH_WAVE, NEAR_THE_END);
    }
    await second.close();
  },
  destroyed: () => 0,
};

/** A new version takes over while the lesson plays; its clock and the page's have jumped. */
const NEW_WORKER_AND_CLOCK = {
  async play(run, player) {
    await assertHears(player, HIGH_WAVE, BEFORE_THE_MIDDLE);
    const clock = `{ const now = Date.now; Date.now = () => now() - ${3 * DAY_MS}; }`;
    await replaceWorker({ ...run, page: player }, clock);
    await jumpClock(player, DAY_MS);
    await assertHears(player, HIGH_WAVE, NEAR_THE_END);
  },
  destroyed: () => 0,
};

/** What was played is taken away, and comes again. */
const EVICTED_PIECES = {
  async play(run, player) {
    await assertHears(player, HIGH_WAVE, NEAR_THE_END);
    await waitForAllToEnd(run.world.proxy);
    run.lostBytes = await evict(run);
    assert.ok(run.lostBytes > 0, 'something was kept');
    await player.reload();
    await player.waitForSelector('audio');
    await assertHears(player, HIGH_WAVE, NEAR_THE_END);
  },
  destroyed: (_asked, { lostBytes }) => lostBytes,
};

export const progressiveFaultTests = [
  {
    name: 'firefox: what plays from the network plays through errors (500), cuts, a wrong byte, another ETag and a killed server',
    run: (world) => playsThrough(world, { ERRORS, CUTS, WRONG_BYTE, ANOTHER_ETAG, KILLED_SERVER }),
  },
  {
    name: 'firefox: what plays from the network plays in two tabs, after an eviction, and with a new worker whose clock has jumped',
    run: (world) => playsThrough(world, { TWO_TABS, EVICTED_PIECES, NEW_WORKER_AND_CLOCK }),
  },
  {
    name: 'firefox: what was played from the network is kept when the browser is killed and when it is closed',
    long: true, // Pieces that are downloaded outlive a killed browser in every run, in the same stores.
    run: keepsWhatWasPlayed,
  },
];

/** One browser; for each fault nothing is kept at first, and a player is opened. */
async function playsThrough(world, faults) {
  const run = await beginWithoutRoom(world, LEFT_BYTES, { mayPersist: false });
  for (const [name, fault] of Object.entries(faults)) {
    try {
      await evict(run);
      await plays(run, fault);
    } catch (cause) {
      throw new Error(`the fault was ${name}`, { cause });
    }
  }
  await run.page.bringToFront();
  await assertWaitsForRoom(run.page);
}

async function plays(run, { setUp, play, destroyed }) {
  const { world, browser, page, manifest, pieceIndex } = run;
  const mark = world.proxy.requests.length;
  setUp?.(world);
  const player = await openPlayer(browser, world.url, HIGH_WAVE);
  await player.waitForSelector('audio');
  await play(run, player);
  await player.close();
  await waitForAllToEnd(world.proxy);
  assert.equal(world.proxy.faultsLeft, 0, 'faults that were not met');
  const asked = requestsForLesson(world, manifest, mark);
  const kept = await assertKeptRight(page);
  const keptBytes = coveredBytes(pieceIndex, kept);
  const [bytes, destroyedBytes] = [sumBytes(asked), destroyed(asked, run)];
  assert.ok(keptBytes > 0, 'what was played is kept');
  assert.ok(
    bytes <= keptBytes + destroyedBytes,
    `${bytes} bytes arrived, ${keptBytes} are kept, and the fault destroyed ${destroyedBytes}`,
  );
}

/** However its bytes were asked for: in pieces, or from the asset itself. */
function requestsForLesson(world, manifest, mark) {
  const { href } = findAsset(manifest, HIGH_WAVE.path);
  const folder = href.slice(0, href.lastIndexOf('/') + 1);
  return world.proxy.since(mark).filter(({ path }) => path.startsWith(folder));
}

async function assertKeptRight(page) {
  const { pieces } = await readStorage(page);
  for (const [promised, actual] of Object.entries(pieces))
    assert.equal(actual, promised, 'a kept piece is damaged');
  return new Set(Object.keys(pieces));
}

/** Everything that is kept. @returns how many bytes that was */
async function evict({ page }) {
  const lost = await spoilPieces(page, { every: 1, how: 'delete' });
  return lost.reduce((sum, { length }) => sum + length, 0);
}

async function keepsWhatWasPlayed(world) {
  const run = await beginWithoutRoom(world, LEFT_BYTES, { mayPersist: false });
  await plays(run, { play: hearsTheEnd, destroyed: () => 0 });
  for (const end of [(browser) => world.killBrowser(browser), (browser) => browser.close()]) {
    await end(run.browser);
    run.browser = await world.reopenBrowser(run.browser);
    run.page = await openLibrary(run.browser, world.url, WAVES);
    await assertWaitsForRoom(run.page);
    const kept = await readStoredPieces(run.page);
    assert.ok(kept.size > 0, 'nothing survived');
    const mark = world.proxy.requests.length;
    const player = await openPlayer(run.browser, world.url, HIGH_WAVE);
    await player.waitForSelector('audio');
    await assertHears(player, HIGH_WAVE, NEAR_THE_END);
    await player.close();
    await waitForAllToEnd(world.proxy);
    assertNoneStored(requestsForLesson(world, run.manifest, mark), run.pieceIndex, kept);
  }
}

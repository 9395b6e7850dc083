/**
 * Addresses behind a CDN that run out in mid-download, and in mid-play: a fresh manifest has new ones, and no byte that was
 * verified comes again. On this origin the refusal can be read; elsewhere it looks like a network that fails.
 */
import assert from 'node:assert/strict';
import { readDownload, waitForDownload } from '../client-state.mjs';
import {
  assertEndsComplete,
  brokenBytes,
  prepareRun,
  pressDownload,
  requestsOf,
  SLOW_BYTES_PER_SECOND,
  waitForBytes,
} from '../fault-run.mjs';
import { HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openPlayer, pressButton, waitForControl } from '../page-actions.mjs';
import { assertHears, assertPlays, findAsset } from '../proofs.mjs';
import { SignedAddresses } from '../signed-addresses.mjs';
import { waitFor } from '../wait-for.mjs';

const SETTLED_BYTES = 4 * 1024 * 1024;
const BEFORE_EXPIRY = 0.8;
const AFTER_EXPIRY = 0.55;
const ENGINES = ['chromium', 'firefox'];

export const signedAddressTests = [
  ...ENGINES.map((engine) => ({
    name: `${engine}: signed addresses that run out twice in mid-download are renewed each time, and no byte comes twice`,
    run: async (world) => renewsInPieces(await prepareSignedRun(world, engine)),
  })),
  ...ENGINES.map((engine) => ({
    name: `${engine}: signed addresses of another site, whose refusal cannot be read, are renewed each time, and no byte comes twice`,
    run: async (world) => renewsInPieces(await prepareRunOfAnotherSite(world, engine, 'pieces')),
  })),
  ...ENGINES.map((engine) => ({
    name: `${engine}: signed addresses of another site that run out while the network is away are renewed when it is back`,
    run: async (world) => renewsAfterAnOutage(await prepareRunOfAnotherSite(world, engine, 'pieces')),
  })),
  {
    name: 'chromium: signed addresses that run out in a Background Fetch are renewed, and no byte comes twice',
    run: renewsAfterABackgroundFetch,
  },
  {
    name: 'chromium: a Background Fetch of another site that is cut when its signed addresses run out loses what the cut destroyed',
    run: renewsAfterARefusedResume,
  },
  ...ENGINES.map((engine) => ({
    name: `${engine}: a lesson that is half downloaded plays on when its signed address has run out`,
    run: async (world) => playsOn(await prepareSignedRun(world, engine)),
  })),
];

async function prepareSignedRun(world, engine, query = '?transport=pieces') {
  const manifest = await world.loadManifest(WAVES);
  const signed = new SignedAddresses({ proxy: world.proxy, manifest });
  return { ...(await prepareRun(world, engine, query)), signed };
}

/** Page, server and CDN are three origins: a host's name and its number are two. */
async function prepareRunOfAnotherSite(world, engine, transport) {
  const manifest = await world.loadManifest(WAVES);
  const origin = `http://localhost:${world.proxy.port}`;
  const signed = new SignedAddresses({ proxy: world.proxy, manifest, origin });
  const site = await world.openSite(WAVES, transport);
  const browser = await world.openBrowser(engine);
  const page = await browser.newPage();
  await page.goto(`${site.url}/`);
  await waitForControl(page, WAVES);
  const pieceIndex = await world.loadPieceIndex(manifest);
  const mark = world.proxy.requests.length;
  return { world, browser, page, manifest, pieceIndex, mark, signed, id: `${WAVES}@${world.url}` };
}

async function renewsInPieces(run) {
  const { world, page, signed, id = WAVES } = run;
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  await waitForBytes(run, SETTLED_BYTES);
  for (const times of [1, 2]) {
    signed.expire();
    await waitFor('a fresh manifest to be asked for', () => countManifests(run) === times);
    const { bytesStored } = await readDownload(page, id);
    await waitForBytes(run, bytesStored + 1);
  }
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await assertEndsComplete(run, 0);
  assertRenewed(run, 2);
}

/** A fresh manifest was asked for in vain already when the addresses run out. */
async function renewsAfterAnOutage(run) {
  const { world, page, signed, id } = run;
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  await waitForBytes(run, SETTLED_BYTES);
  await world.proxy.down();
  await waitForDownload(page, id, 'paused', ({ state }) => state === 'paused');
  world.proxy.limit(Number.POSITIVE_INFINITY);
  signed.expire();
  await world.proxy.up();
  await assertEndsComplete(run, () => brokenBytes(run));
}

async function renewsAfterABackgroundFetch(world) {
  const run = await prepareSignedRun(world, 'chromium', '');
  const [low, high] = [LOW_WAVE, HIGH_WAVE].map(({ path }) => findAsset(run.manifest, path));
  world.proxy.hold((path) => path === high.href);
  await pressDownload(run);
  await waitFor('the other asset', () =>
    requestsOf(run).some(({ path, complete }) => path === low.href && complete),
  );
  run.signed.expire();
  world.proxy.release();
  await assertEndsComplete(run, 0);
  assertRenewed(run, 1);
  assert.equal((await readDownload(run.page, WAVES)).transport, 'pieces');
}

/** Where the cut request is taken up again it is refused, and the refusal has no CORS headers. */
async function renewsAfterARefusedResume(world) {
  const run = await prepareRunOfAnotherSite(world, 'chromium');
  const { href, size } = findAsset(run.manifest, LOW_WAVE.path);
  world.proxy.fault({
    matches: (path) => path === href,
    cutAfter: () => {
      setImmediate(() => run.signed.expire());
      return Math.floor(size * 0.6);
    },
  });
  await pressDownload(run);
  await assertEndsComplete(run, () => brokenBytes(run));
  assertRenewed(run, 1);
}

/** The download is paused: nobody but the player meets the expiry. */
async function playsOn(run) {
  const { world, browser, page, signed } = run;
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  await waitForBytes(run, SETTLED_BYTES);
  await pressButton(page, controlOf(WAVES), 'Pause');
  await waitForDownload(page, WAVES, 'paused', ({ state }) => state === 'paused');
  await waitFor('all requests to end', () =>
    requestsOf(run).every(({ complete, error }) => complete || error),
  );
  world.proxy.limit(Number.POSITIVE_INFINITY);

  const player = await openPlayer(browser, world.url, HIGH_WAVE);
  await player.waitForSelector('audio');
  await assertHears(player, HIGH_WAVE, BEFORE_EXPIRY);
  signed.expire();
  const before = countManifests(run);
  await assertHears(player, HIGH_WAVE, AFTER_EXPIRY);
  assert.equal(countManifests(run), before + 1, 'manifests that the player caused to be asked for');

  await page.bringToFront();
  await pressButton(page, controlOf(WAVES), 'Resume');
  await assertEndsComplete(run, () => brokenBytes(run));
  await world.goAway();
  await assertPlays(browser, world.url, HIGH_WAVE);
}

function countManifests({ world, mark, signed }) {
  return world.proxy.since(mark).filter(({ path }) => path === signed.manifestPath).length;
}

/** Addresses were refused, and each time a fresh manifest was asked for once. */
function assertRenewed(run, times) {
  assert.ok(
    requestsOf(run).filter(({ status }) => status === 403).length >= times,
    'addresses that were refused',
  );
  assert.equal(countManifests(run), times, 'fresh manifests');
}

/** A second release: only what is new is fetched. And one that has expired. */
import assert from 'node:assert/strict';
import { downloadRequests, piecesAsked, sumBytes } from '../accounts.mjs';
import { readStoredPieces, waitForComplete, waitForDownload } from '../client-state.mjs';
import { HIGH_WAVE, WAVES } from '../fixtures.mjs';
import { jumpClock } from '../jump-clock.mjs';
import { controlOf, openLibrary, pressButton, rowOf, waitForButton } from '../page-actions.mjs';
import { assertPlays, assertStoredWhole, findAsset } from '../proofs.mjs';
import { waitFor } from '../wait-for.mjs';

/** A moment that no test reaches, and the time from now to after it. */
const EXPIRES = '2100-01-01T00:00:00Z';
const CENTURY_MS = 100 * 365.25 * 24 * 3600 * 1000;

export const updateTests = [
  ...['chromium', 'firefox'].map((engine) => ({
    name: `${engine}: a new release, published while the page is open, downloads only its new pieces`,
    run: (world) => downloadsOnlyNewPieces(world, engine),
  })),
  {
    name: 'chromium: a release that has expired does not play without its server, and is renewed without a byte of content',
    run: expires,
  },
];

async function downloadsOnlyNewPieces(world, engine) {
  const browser = await world.openBrowser(engine);
  const page = await openLibrary(browser, world.url, WAVES);
  await pressButton(page, controlOf(WAVES), 'Download');
  await waitForComplete(page, WAVES);
  const stored = await readStoredPieces(page);

  await page.goto(`${world.url}/downloads`);
  await waitForButton(page, rowOf(WAVES), 'Remove');
  await world.fixtures.publishChangedWaves(world.dataFolder);
  const manifest = await waitFor('the server to give release 2', async () => {
    const current = await world.loadManifest(WAVES);
    return current.download.release === 2 ? current : undefined;
  });
  const pieceIndex = await world.loadPieceIndex(manifest);
  const fresh = pieceIndex.blobs.flatMap(({ pieces }) => pieces).filter(({ sha256 }) => !stored.has(sha256));
  const freshBytes = fresh.reduce((sum, { length }) => sum + length, 0);
  assert.ok(fresh.length >= 1 && fresh.length <= 3, `a small change makes ${fresh.length} new pieces`);

  const mark = world.proxy.requests.length;
  await page.evaluate(() => dispatchEvent(new Event('online'))); // When a page looks for updates again.
  await pressButton(page, rowOf(WAVES), 'Update');
  await waitForDownload(
    page,
    WAVES,
    'release 2, complete',
    ({ release, state }) => release === 2 && state === 'complete',
  );
  const asked = downloadRequests(world.proxy.since(mark));
  assert.equal(sumBytes(asked), freshBytes + manifest.download.pieces.size, 'bytes of the update');
  const pieces = asked.flatMap(({ path }) => piecesAsked(path, pieceIndex));
  assert.deepEqual(pieces.sort(), fresh.map(({ sha256 }) => sha256).sort(), 'pieces asked for');
  await assertStoredWhole(page, pieceIndex);

  await world.goAway();
  await assertPlays(browser, world.url, HIGH_WAVE);
}

async function expires(world) {
  await world.fixtures.publishExpiringWaves(world.dataFolder, EXPIRES);
  const manifest = await world.loadManifest(WAVES);
  assert.equal(manifest.download.expires, EXPIRES);
  const browser = await world.openBrowser('chromium');
  const page = await openLibrary(browser, world.url, WAVES, '?transport=pieces');
  await pressButton(page, controlOf(WAVES), 'Download');
  await waitForComplete(page, WAVES);
  const { href } = findAsset(manifest, HIGH_WAVE.path);
  await world.goAway();
  assert.equal(await askFor(page, href), 206, 'it plays until then');

  const [worker] = browser.context.serviceWorkers();
  await jumpClock(worker, CENTURY_MS);
  assert.equal(await askFor(page, href), 'TypeError', 'only the network may answer now');
  await waitForDownload(page, WAVES, 'expired', ({ state }) => state === 'stale');
  await jumpClock(worker, -CENTURY_MS);
  assert.equal(await askFor(page, href), 'TypeError', 'a clock that is turned back changes nothing');

  await world.comeBack();
  await world.fixtures.publish(world.dataFolder, world.fixtures.wavesFolder, WAVES);
  await waitFor('the server to give the renewed release', async () => {
    const { download } = await world.loadManifest(WAVES);
    return download.expires === undefined;
  });
  const mark = world.proxy.requests.length;
  await pressButton(page, controlOf(WAVES), 'Renew');
  await waitForComplete(page, WAVES);
  const content = downloadRequests(world.proxy.since(mark)).filter(({ path }) => path.startsWith('/blobs/'));
  assert.deepEqual(content, [], 'nothing is fetched again');
  await world.goAway();
  await assertPlays(browser, world.url, HIGH_WAVE);
}

/** The status of the worker's answer, or the name of the error. */
function askFor(page, href) {
  return page.evaluate(
    (href) =>
      fetch(href, { headers: { Range: 'bytes=0-99' } }).then(
        ({ status }) => status,
        ({ name }) => name,
      ),
    href,
  );
}

/** A second release: only what is new is fetched. */
import assert from 'node:assert/strict';
import { downloadRequests, piecesAsked, sumBytes } from '../accounts.mjs';
import { readStoredPieces, waitForComplete, waitForDownload } from '../client-state.mjs';
import { HIGH_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton, rowOf, waitForButton } from '../page-actions.mjs';
import { assertPlays, assertStoredWhole } from '../proofs.mjs';
import { waitFor } from '../wait-for.mjs';

export const updateTests = ['chromium', 'firefox'].map((engine) => ({
  name: `${engine}: a new release, published while the page is open, downloads only its new pieces`,
  run: (world) => downloadsOnlyNewPieces(world, engine),
}));

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

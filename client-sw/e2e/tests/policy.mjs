/** Networks that cost by the byte, as Chromium tells pages of them on Android: here it is told to tell, and of which. */
import assert from 'node:assert/strict';
import { assertNoneStored, sumBytes } from '../accounts.mjs';
import { readStoredPieces, waitForComplete, waitForDownload } from '../client-state.mjs';
import { pressDownload, requestsOf } from '../fault-run.mjs';
import { HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { waitForControl } from '../page-actions.mjs';
import { assertStoredWhole, everything, findAsset } from '../proofs.mjs';
import { readFetchIds, waitForRecord } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

const PAGE = '/wifi-only';
/** `NetworkInformation.type` is an experiment on desktops, and everyday on Android. */
const TELL_THE_NETWORK = '--enable-blink-features=NetInfoDownlinkMax';
const BYTES_PER_SECOND = 1024 * 1024;

export const policyTests = [
  {
    name: 'chromium: a Background Fetch ends when the network costs from now on, keeps what arrived, and goes on by itself over Wi-Fi, by pieces',
    run: waitsForWifi,
  },
];

async function waitsForWifi(world) {
  const manifest = await world.loadManifest(WAVES);
  const pieceIndex = await world.loadPieceIndex(manifest);
  const [low, high] = [LOW_WAVE, HIGH_WAVE].map(({ path }) => findAsset(manifest, path));
  world.proxy.overlay.set(PAGE, { type: 'text/html', body: pageOf(WAVES) });
  const browser = await world.openBrowser('chromium', { words: [TELL_THE_NETWORK] });
  const page = await browser.newPage();
  const network = await browser.context.newCDPSession(page);
  await changeNetwork(network, page, 'wifi');
  await page.goto(world.url + PAGE);
  await waitForControl(page, WAVES);
  const run = { world, browser, page, manifest, pieceIndex, mark: world.proxy.requests.length };

  world.proxy.hold((path) => path === high.href);
  await pressDownload(run);
  const { id } = everything(manifest).backgroundFetch;
  await waitFor('the Background Fetch', async () => (await readFetchIds(page)).includes(id));
  await waitForRecord(page, id, low.href);
  await changeNetwork(network, page, 'cellular4g');
  await waitFor('the Background Fetch to end', async () => (await readFetchIds(page)).length === 0);
  const waiting = await waitForDownload(
    page,
    WAVES,
    'waiting for Wi-Fi with what arrived',
    ({ state, bytesStored, transport }) =>
      state === 'paused' && transport === 'pieces' && bytesStored >= low.size,
  );
  assert.equal(waiting.pauseReason, 'metered');
  world.proxy.release();
  const stored = await readStoredPieces(page);
  const mark = world.proxy.requests.length;

  // A visit over the same network moves nothing.
  await page.reload();
  await waitForControl(page, WAVES);
  const openedMs = await page.evaluate(() => downloads.ready.then(() => performance.timeOrigin));
  await waitForDownload(page, WAVES, 'looked at again', ({ updatedAt }) => updatedAt > openedMs);
  assert.equal(await page.evaluate(() => navigator.connection.type), 'cellular');
  assert.deepEqual(requestsOf({ ...run, mark }), [], 'nothing is asked for over a network that costs');

  await changeNetwork(network, page, 'wifi');
  await waitForComplete(page, WAVES);
  const after = requestsOf({ ...run, mark });
  assertNoneStored(after, pieceIndex, stored);
  assert.equal(sumBytes(after), high.size, 'bytes that arrived over the second Wi-Fi');
  await assertStoredWhole(page, pieceIndex);
}

/** A page of the server's own origin whose library waits for networks that do not cost. */
function pageOf(tag) {
  return `<!doctype html>
<html lang="en">
<title>Over Wi-Fi only</title>
<link rel="icon" href="data:,">
<script type="module">
  import { createDownloads } from '/client/stowaway.js';
  import { useDownloads } from '/client/stowaway-element.js';
  window.downloads = createDownloads({ policy: { metered: 'wait' } });
  useDownloads(window.downloads);
</script>
<stowaway-download tag="${tag}"></stowaway-download>
</html>`;
}

/** Over the DevTools protocol: what pages are told of, and the event that tells them. Nothing becomes slower. */
async function changeNetwork(session, page, connectionType) {
  await session.send('Network.enable');
  await session.send('Network.overrideNetworkState', {
    connectionType,
    offline: false,
    // Without any numbers there is nothing to override, and the type is left as it is.
    latency: 1,
    downloadThroughput: BYTES_PER_SECOND,
    uploadThroughput: BYTES_PER_SECOND,
  });
  const told = connectionType.replace(/\dg$/, '');
  await waitFor(`the page to be told of ${told}`, () =>
    page.evaluate((told) => navigator.connection.type === told, told),
  );
}

/** Starts a download so that its Background Fetch can be seen for certain. */
import assert from 'node:assert/strict';
import { downloadRequests } from './accounts.mjs';
import { readDownload } from './client-state.mjs';
import { controlOf, openLibrary, pressButton } from './page-actions.mjs';
import { everything } from './proofs.mjs';
import { waitFor } from './wait-for.mjs';

/**
 * Clicks download with content held back at the proxy; the caller releases it.
 * @param holds which paths are held back
 * @returns `requests`: those that the download has made so far
 */
export async function startWithBackgroundFetch(world, tag, holds = (path) => path.startsWith('/blobs/')) {
  const manifest = await world.loadManifest(tag);
  const browser = await world.openBrowser('chromium');
  const page = await openLibrary(browser, world.url, tag);
  world.proxy.hold(holds);
  const mark = world.proxy.requests.length;
  await pressButton(page, controlOf(tag), 'Download');
  const { id } = everything(manifest).backgroundFetch;
  await waitFor(`the Background Fetch ${id}`, async () => (await readFetchIds(page)).includes(id));
  assert.equal((await readDownload(page, tag)).transport, 'background-fetch');
  return { page, browser, manifest, requests: () => downloadRequests(world.proxy.since(mark)) };
}

/** Ids of the origin's running Background Fetches. */
export function readFetchIds(page) {
  return page.evaluate(async () => (await navigator.serviceWorker.ready).backgroundFetch.getIds());
}

/** Waits until one answer of a Background Fetch is complete in the browser, others may still be coming. */
export function waitForRecord(page, id, href) {
  return page.evaluate(
    async ({ id, href }) => {
      const registration = await (await navigator.serviceWorker.ready).backgroundFetch.get(id);
      await (await registration.match(href)).responseReady;
    },
    { id, href },
  );
}

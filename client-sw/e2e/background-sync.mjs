/** Background Sync in Chromium: what is registered, and the event that the browser sends when the network is back. */
import assert from 'node:assert/strict';
import { pressDownload, requestsOf } from './fault-run.mjs';
import { WAVES } from './fixtures.mjs';
import { waitFor } from './wait-for.mjs';

export const SYNC_TAG = `stowaway:${WAVES}`;

export function readSyncTags(page) {
  return page.evaluate(async () => (await navigator.serviceWorker.ready).sync.getTags());
}

/** Fires a registered sync at once, over the DevTools protocol. `page` is any page of the origin. */
export async function dispatchSync(context, page, tag) {
  const session = await context.newCDPSession(page);
  const registrations = [];
  session.on('ServiceWorker.workerRegistrationUpdated', (event) =>
    registrations.push(...event.registrations),
  );
  await session.send('ServiceWorker.enable');
  const { origin } = new URL(page.url());
  const registration = await waitFor('the registration', () =>
    registrations.findLast(({ scopeURL, isDeleted }) => scopeURL === `${origin}/` && !isDeleted),
  );
  await session.send('ServiceWorker.dispatchSyncEvent', {
    origin,
    registrationId: registration.registrationId,
    tag,
    lastChance: false,
  });
  await session.detach();
}

/**
 * Presses Download and closes the page before a byte of content has come: on a sync event the worker goes on, or has begun it. Bodies
 * stand still until `flow`.
 * @param run with `quiet`, a page without any script; it is `run.page` from then on
 */
export async function leaveToWorker(run) {
  const { world, browser, page, quiet } = run;
  run.mark = world.proxy.requests.length;
  world.proxy.stall();
  await page.bringToFront();
  await pressDownload(run);
  await waitFor('something to be asked for', () => requestsOf(run).length > 0);
  await waitFor('the sync', async () => (await readSyncTags(page)).includes(SYNC_TAG));
  await page.close();
  run.page = quiet;
  await dispatchSync(browser.context, quiet, SYNC_TAG);
  const isWorkers = (request) => isByWorker(run, request);
  await waitFor('the worker to ask for something', () => requestsOf(run).some(isWorkers));
  await waitFor("the page's connections to close", () =>
    requestsOf(run).every((request) => isWorkers(request) || request.closed),
  );
}

/** Every byte was the worker's. */
export function assertByWorker(run) {
  const others = requestsOf(run).filter((request) => request.bytes > 0 && !isByWorker(run, request));
  assert.deepEqual(others, [], 'somebody else asked for bytes');
}

function isByWorker({ world }, { headers }) {
  return headers.referer === `${world.url}/sw.js`;
}

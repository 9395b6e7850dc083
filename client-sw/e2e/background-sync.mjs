/** Background Sync in Chromium: what is registered, and the event that the browser sends when the network is back. */
import { waitFor } from './wait-for.mjs';

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

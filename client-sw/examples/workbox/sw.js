// A site's service worker with Workbox and Stowaway side by side. Bundle it; Workbox's tools fill in the list of files.

import { install } from 'stowaway-client/sw';
import { precacheAndRoute } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { CacheFirst } from 'workbox-strategies';

// Before any route: the first listener that answers wins, and Stowaway answers only what it has or must fetch in pieces.
install(self, { server: STOWAWAY_SERVER });

precacheAndRoute(self.__WB_MANIFEST);
registerRoute(({ request }) => request.destination === 'image', new CacheFirst({ cacheName: 'images' }));
// A route that would swallow media: Workbox never sees what Stowaway has taken.
registerRoute(
  ({ request }) => /^(audio|video)$/.test(request.destination),
  new CacheFirst({ cacheName: 'media' }),
);

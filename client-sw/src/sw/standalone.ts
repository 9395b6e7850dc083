/**
 * The whole worker of the demo app, served as `/sw.js`: the library, and the app's own pages and scripts so that they
 * open with the server away. The build names the files and their common digest.
 */
import { install } from './index.ts';
import { networkFirst } from './network-first.ts';

declare const self: ServiceWorkerGlobalScope;
declare const STOWAWAY_SHELL_URLS: readonly string[];
declare const STOWAWAY_SHELL_VERSION: string;

const CACHE_PREFIX = 'stowaway-shell-';
const CACHE_NAME = CACHE_PREFIX + STOWAWAY_SHELL_VERSION;
const SHELL = new Set(STOWAWAY_SHELL_URLS);

install(self);

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE_NAME);
      await cache.addAll(STOWAWAY_SHELL_URLS.map((url) => new Request(url, { cache: 'reload' })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith(CACHE_PREFIX) && name !== CACHE_NAME) await caches.delete(name);
      }
    })(),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || !SHELL.has(pathname)) return;
  // The query of /play only says what to play: the page is the same.
  event.respondWith(networkFirst(request, () => caches.match(pathname, { cacheName: CACHE_NAME })));
});

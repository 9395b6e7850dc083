/**
 * The worker's half of the library. Adds its listeners to a service worker, alone or beside others: it answers only
 * what it knows, and leaves every other request to the listeners that come after it.
 *
 * ```js
 * importScripts('/client/stowaway-sw.js');
 * stowaway.install(self);
 * ```
 */

import { withSlash } from '../core/address.ts';
import type {
  BackgroundFetchEvent,
  BackgroundFetchUpdateUIEvent,
  SyncEvent,
} from '../protocol/background-fetch.ts';
import { Database } from '../storage/database.ts';
import { openChannel } from '../transport/environment.ts';
import { onBackgroundFetchClick, onBackgroundFetchEnd } from './background-fetch.ts';
import { onFetch } from './fetch.ts';
import type { InstallOptions, WorkerEnvironment } from './options.ts';
import { onMessage, onSync } from './sync.ts';

export type { InstallOptions } from './options.ts';

/** Call it once, while the worker's script is first run: browsers take no listeners later. */
export function install(scope: ServiceWorkerGlobalScope, options: InstallOptions = {}): void {
  const drivers = new Map<string, AbortController>();
  const channel = openChannel((message) => {
    if (message.type === 'stop') drivers.get(message.id)?.abort();
  });
  const environment: WorkerEnvironment = {
    scope,
    db: new Database(),
    concurrency: options.concurrency ?? 3,
    server: new URL(withSlash(options.server ?? '/'), scope.location.href),
    downloadsUrl: new URL(options.downloadsUrl ?? '/downloads', scope.location.href).href,
    announce: (message) => channel.post(message),
    drivers,
  };
  // TypeScript's library does not know these events.
  const on = (type: string, listener: (event: never) => void) =>
    scope.addEventListener(type, listener as EventListener);

  if (options.claim ?? true)
    on('activate', (event: ExtendableEvent) => event.waitUntil(scope.clients.claim()));
  on('fetch', (event: FetchEvent) => onFetch(environment, event));
  on('backgroundfetchsuccess', (event: BackgroundFetchUpdateUIEvent) =>
    onBackgroundFetchEnd(environment, event),
  );
  on('backgroundfetchfail', (event: BackgroundFetchUpdateUIEvent) =>
    onBackgroundFetchEnd(environment, event),
  );
  on('backgroundfetchabort', (event: BackgroundFetchEvent) => onBackgroundFetchEnd(environment, event));
  on('backgroundfetchclick', (event: BackgroundFetchEvent) => onBackgroundFetchClick(environment, event));
  on('sync', (event: SyncEvent) => onSync(environment, event));
  on('message', (event: ExtendableMessageEvent) => onMessage(environment, event));
}

/** Finds or registers the service worker. A browser without one, or one that refuses, is no error: pages fetch then. */
import type { CapableRegistration } from '../protocol/background-fetch.ts';
import type { DownloadsOptions } from './api.ts';

/** The registration once its worker is active, or undefined. Never rejects. */
export async function findRegistration(options: DownloadsOptions): Promise<CapableRegistration | undefined> {
  try {
    const serviceWorker = options.serviceWorker === undefined ? '/sw.js' : await options.serviceWorker;
    if (!serviceWorker || !('serviceWorker' in navigator)) return undefined;
    const registration =
      typeof serviceWorker === 'string' || serviceWorker instanceof URL
        ? await register(serviceWorker, options.scope)
        : serviceWorker;
    await activation(registration);
    return registration;
  } catch (error) {
    console.warn('stowaway: no service worker, so nothing plays offline', error);
    return undefined;
  }
}

/**
 * With the server away, the worker of an earlier visit is as good, and at once: `register` waits in line behind a look for an
 * update, which has no end while the server stands still.
 */
async function register(url: string | URL, scope: string | undefined): Promise<ServiceWorkerRegistration> {
  const { serviceWorker } = navigator;
  const script = new URL(url, location.href).href;
  const place = new URL(scope ?? new URL('./', script), location.href).href;
  const before = await serviceWorker.getRegistration(place);
  if (before?.scope === place && before.active?.scriptURL === script) return before;
  try {
    return await serviceWorker.register(url, scope === undefined ? {} : { scope });
  } catch (error) {
    if (before?.active) return before;
    throw error;
  }
}

/** Resolves when there is an active worker; rejects when the only one there was has failed to install. */
function activation(registration: ServiceWorkerRegistration): Promise<void> {
  return new Promise((resolve, reject) => {
    if (registration.active) return resolve();
    const worker = registration.waiting ?? registration.installing;
    if (!worker) return reject(new Error('The service worker was not installed.'));
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve();
      if (worker.state === 'redundant') reject(new Error('The service worker failed to install.'));
    });
  });
}

/** What the client knows and stores, read from its database. The contexts are pages, or a Chromium worker. */
import { waitFor } from './wait-for.mjs';

/**
 * A download's record in the ledger, without its manifest, or undefined. Read from the database, not asked of a library:
 * a second library in the page would not only look.
 */
export async function readDownload(context, id) {
  const { downloads } = await context.evaluate(readLedger);
  return downloads.find((download) => download.id === id);
}

/** Runs in the page or the worker. */
async function readLedger() {
  // Opening would make it, empty, and the library could never create its stores.
  const names = (await indexedDB.databases()).map(({ name }) => name);
  if (!names.includes('stowaway')) return { downloads: [] };
  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await settled(indexedDB.open('stowaway'));
  const records = await settled(database.transaction('downloads').objectStore('downloads').getAll());
  database.close();
  return { downloads: records.map(({ manifest: _manifest, ...record }) => record) };
}

/** Waits until a download meets a condition; a failed one ends the wait at once. */
export async function waitForDownload(context, id, what, meets, options) {
  const download = await waitFor(
    `${id} to be ${what}`,
    async () => {
      const now = await readDownload(context, id);
      return now && (meets(now) || now.state === 'failed') ? now : undefined;
    },
    options,
  );
  if (!meets(download)) throw new Error(`${id} is not ${what}: ${JSON.stringify(download)}`);
  return download;
}

export function waitForComplete(context, id, options = { timeoutMs: 60_000 }) {
  return waitForDownload(context, id, 'complete', ({ state }) => state === 'complete', options);
}

/**
 * The other stores: the blobs with their pieces, how many addresses, and for each stored piece the digest of the bytes
 * that really lie there.
 * @param context a page, or a Chromium worker
 */
export function readStorage(context) {
  return context.evaluate(async () => {
    const settled = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settled(indexedDB.open('stowaway'));
    const all = (store, method) => settled(database.transaction(store).objectStore(store)[method]());
    const blobs = await all('blobs', 'getAll');
    const addresses = (await all('addresses', 'getAllKeys')).length;
    const pieces = {};
    for (const key of await all('pieces', 'getAllKeys')) {
      const data = await settled(database.transaction('pieces').objectStore('pieces').get(key));
      const hash = await crypto.subtle.digest('SHA-256', await new Response(data).arrayBuffer());
      pieces[key] = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    }
    database.close();
    return { blobs, addresses, pieces };
  });
}

/** Digests of the stored pieces, without looking at their bytes. */
export async function readStoredPieces(context) {
  const keys = await context.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('stowaway');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const asking = opening.result.transaction('pieces').objectStore('pieces').getAllKeys();
          asking.onerror = () => reject(asking.error);
          asking.onsuccess = () => {
            opening.result.close();
            resolve(asking.result);
          };
        };
      }),
  );
  return new Set(keys);
}

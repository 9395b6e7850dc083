/** Enters a download in the ledger, with what is known of its assets: their addresses, and how they are cut. */
import { withoutQuery } from '../core/address.ts';
import type { Asset } from '../core/assets.ts';
import { expiryOf } from '../core/expiry.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { type Database, result } from './database.ts';
import type { BlobRecord, DownloadRecord } from './schema.ts';

/**
 * Writes a new or changed download and the addresses that its assets are served under.
 * @param lists verified piece lists of its blobs
 */
export function registerDownload(
  db: Database,
  record: DownloadRecord,
  assets: readonly Asset[],
  lists: Iterable<BlobRecord> = [],
): Promise<void> {
  return db.transact(
    'write a download',
    ['downloads', 'addresses', 'blobs'],
    'readwrite',
    async (transaction) => {
      put(transaction, record, assets);
      const blobs = transaction.objectStore('blobs');
      for (const blob of lists) blobs.put(blob);
    },
  );
}

/**
 * Gives a download another manifest of the same release, whatever else becomes of it meanwhile.
 * @returns false when the download is gone, or is of another release by now
 */
export function registerManifest(
  db: Database,
  id: string,
  manifest: Manifest,
  assetsOf: (record: DownloadRecord) => readonly Asset[],
): Promise<boolean> {
  return db.transact('write a manifest', ['downloads', 'addresses'], 'readwrite', async (transaction) => {
    const now: DownloadRecord | undefined = await result(transaction.objectStore('downloads').get(id));
    if (now?.manifest.download.digest !== manifest.download.digest) return false;
    const renewed = { ...now, manifest };
    put(transaction, renewed, assetsOf(renewed));
    return true;
  });
}

function put(transaction: IDBTransaction, record: DownloadRecord, assets: readonly Asset[]): void {
  transaction.objectStore('downloads').put(record);
  const addresses = transaction.objectStore('addresses');
  const expiresAt = expiryOf(record.manifest);
  for (const { url, hex, type } of assets) {
    addresses.put({ url: withoutQuery(url), hex, type, ...(expiresAt !== undefined && { expiresAt }) });
  }
}

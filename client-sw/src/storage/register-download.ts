/** Enters a download in the ledger, with what is known of its assets: their addresses, and how they are cut. */
import { withoutQuery } from '../core/address.ts';
import type { Asset } from '../core/assets.ts';
import { expiryOf } from '../core/expiry.ts';
import type { Database } from './database.ts';
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
  const stores = ['downloads', 'addresses', 'blobs'] as const;
  return db.transact('write a download', [...stores], 'readwrite', async (transaction) => {
    transaction.objectStore('downloads').put(record);
    const blobs = transaction.objectStore('blobs');
    for (const blob of lists) blobs.put(blob);
    const addresses = transaction.objectStore('addresses');
    const expiresAt = expiryOf(record.manifest);
    for (const { url, hex, type } of assets) {
      addresses.put({ url: withoutQuery(url), hex, type, ...(expiresAt !== undefined && { expiresAt }) });
    }
  });
}

/** Enters a download in the ledger, with the addresses that its assets are served under. */
import { withoutQuery } from '../core/address.ts';
import type { Asset } from '../core/assets.ts';
import { expiryOf } from '../core/expiry.ts';
import type { Database } from './database.ts';
import type { DownloadRecord } from './schema.ts';

/** Writes a new or changed download and the addresses that its assets are served under. */
export function registerDownload(
  db: Database,
  record: DownloadRecord,
  assets: readonly Asset[],
): Promise<void> {
  return db.transact('write a download', ['downloads', 'addresses'], 'readwrite', async (transaction) => {
    transaction.objectStore('downloads').put(record);
    const addresses = transaction.objectStore('addresses');
    const expiresAt = expiryOf(record.manifest);
    for (const { url, hex, type } of assets) {
      addresses.put({ url: withoutQuery(url), hex, type, ...(expiresAt !== undefined && { expiresAt }) });
    }
  });
}

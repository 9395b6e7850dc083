/** Gives up an update for the whole release that it was to replace. */
import { type Database, result } from './database.ts';
import type { DownloadRecord } from './schema.ts';
import { sweep, sweepOrphans } from './sweep.ts';

/**
 * Gives up an update: the release that it was to replace is the download again, and what only the update needed goes.
 * undefined when there is no such release.
 */
export async function restoreKept(db: Database, id: string): Promise<DownloadRecord | undefined> {
  const restored = await db.transact(
    'give up an update',
    ['downloads', 'blobs', 'addresses', 'pieces'],
    'readwrite',
    async (transaction) => {
      const store = transaction.objectStore('downloads');
      const record: DownloadRecord | undefined = await result(store.get(id));
      if (!record?.kept) return undefined;
      const { id: _id, tag, selection, manifestUrl, createdAt, sampled, kept } = record;
      const restored: DownloadRecord = {
        ...kept,
        id,
        tag,
        selection,
        manifestUrl,
        createdAt,
        sampled,
        state: 'complete',
        transport: record.transport,
        bytesStored: kept.bytesTotal,
        updatedAt: Date.now(),
      };
      store.put(restored);
      await sweep(transaction);
      return restored;
    },
  );
  await sweepOrphans(db);
  return restored;
}

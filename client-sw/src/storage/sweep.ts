/**
 * Deletes what no download needs: marks from the ledger, sweeps the rest, in one transaction so that nobody sees half.
 */
import { sweepFiles } from './backings.ts';
import { type Database, result } from './database.ts';
import type { AddressRecord, BlobRecord, DownloadRecord } from './schema.ts';

/** Removes a download and every blob, piece and address that only it needed. */
export async function removeDownload(db: Database, id: string): Promise<DownloadRecord | undefined> {
  const removed = await db.transact(
    'remove a download',
    ['downloads', 'blobs', 'addresses', 'pieces'],
    'readwrite',
    async (transaction) => {
      const store = transaction.objectStore('downloads');
      const record: DownloadRecord | undefined = await result(store.get(id));
      store.delete(id);
      await sweep(transaction);
      return record;
    },
  );
  await sweepOrphans(db);
  return removed;
}

/** Deletes what is left over, for example of a release that was replaced. */
export async function sweepUnneeded(db: Database): Promise<void> {
  await db.transact('free space', ['downloads', 'blobs', 'addresses', 'pieces'], 'readwrite', sweep);
  await sweepOrphans(db);
}

/** Files of pieces go after their records: one that is left behind by a crash goes the next time. */
export function sweepOrphans(db: Database): Promise<void> {
  return sweepFiles(() =>
    db.transact('list pieces', 'pieces', 'readonly', async (transaction) => {
      const keys = await result(transaction.objectStore('pieces').getAllKeys());
      return new Set(keys as string[]);
    }),
  );
}

/** Marks from the ledger and sweeps the rest, inside a transaction of all four stores. */
export async function sweep(transaction: IDBTransaction): Promise<void> {
  const downloads: DownloadRecord[] = await result(transaction.objectStore('downloads').getAll());
  const needed = new Set(downloads.flatMap(({ hexes, kept }) => [...hexes, ...(kept?.hexes ?? [])]));

  const neededPieces = new Set<string>();
  const blobs = transaction.objectStore('blobs');
  for (const blob of (await result(blobs.getAll())) as BlobRecord[]) {
    if (!needed.has(blob.hex)) blobs.delete(blob.hex);
    else for (const piece of blob.pieces) neededPieces.add(piece.sha256);
  }

  const addresses = transaction.objectStore('addresses');
  for (const address of (await result(addresses.getAll())) as AddressRecord[]) {
    if (!needed.has(address.hex)) addresses.delete(address.url);
  }

  const pieces = transaction.objectStore('pieces');
  for (const key of (await result(pieces.getAllKeys())) as string[]) {
    if (!neededPieces.has(key)) pieces.delete(key);
  }
}

/** Stores pieces and piece lists. Nothing else may write them: what is stored has matched its digest. */
import { RemovedError } from '../errors/removed-error.ts';
import { StorageError } from '../errors/storage-error.ts';
import type { Hex } from '../protocol/manifest.ts';
import { BACKINGS, type Backing } from './backings.ts';
import { type Database, result, typed } from './database.ts';
import type { BlobRecord, PieceData } from './schema.ts';

/** Back ends that this browser has refused; a restarted context finds out again. */
const refused = new Set<Backing>();

/**
 * Stores a verified piece of a blob.
 * @throws RemovedError when no download needs the blob any longer, QuotaError, StorageError
 */
export async function putPiece(
  db: Database,
  blob: Hex,
  sha256: Hex,
  bytes: Uint8Array<ArrayBuffer>,
  backings: readonly Backing[] = BACKINGS,
): Promise<void> {
  const tried: Backing[] = [];
  let fault: unknown;
  for (const backing of backings.filter((one) => !refused.has(one))) {
    try {
      await backing.write(sha256, bytes, (data) => put(db, blob, sha256, data));
      // Only now is it known that it was the back end that was refused, and not every write.
      for (const one of tried) refused.add(one);
      return;
    } catch (cause) {
      const error = typed(cause, 'store a piece');
      if (!(error instanceof StorageError)) throw error;
      fault = error;
      tried.push(backing);
    }
  }
  throw fault;
}

function put(db: Database, blob: Hex, sha256: Hex, data: PieceData): Promise<void> {
  return db.transact('store a piece', ['pieces', 'blobs'], 'readwrite', async (transaction) => {
    if ((await result(transaction.objectStore('blobs').getKey(blob))) === undefined)
      throw new RemovedError(blob);
    transaction.objectStore('pieces').put(data, sha256);
  });
}

/**
 * Writes verified piece lists for a download.
 * @throws RemovedError when the download is gone, so that nothing is left behind that nobody needs
 */
export function putBlobs(db: Database, id: string, blobs: readonly BlobRecord[]): Promise<void> {
  return db.transact('write piece lists', ['downloads', 'blobs'], 'readwrite', async (transaction) => {
    if ((await result(transaction.objectStore('downloads').getKey(id))) === undefined)
      throw new RemovedError(id);
    const store = transaction.objectStore('blobs');
    for (const blob of blobs) store.put(blob);
  });
}

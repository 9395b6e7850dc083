/** Stores pieces and piece lists. Nothing else may write them: what is stored has matched its digest. */
import { RemovedError } from '../errors/removed-error.ts';
import { StorageError } from '../errors/storage-error.ts';
import type { Hex } from '../protocol/manifest.ts';
import { type Database, result } from './database.ts';
import type { BlobRecord, PieceData } from './schema.ts';

/** Set once the browser has refused a Blob (ephemeral WebKit sessions do); a restarted context finds out again. */
let blobsRefused = false;

/**
 * Stores a verified piece of a blob.
 * @throws RemovedError when no download needs the blob any longer
 */
export async function putPiece(
  db: Database,
  blob: Hex,
  sha256: Hex,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  if (!blobsRefused) {
    try {
      return await put(db, blob, sha256, new Blob([bytes]));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      await put(db, blob, sha256, bytes.buffer);
      blobsRefused = true;
      return;
    }
  }
  return put(db, blob, sha256, bytes.buffer);
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

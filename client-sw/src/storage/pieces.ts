/** Verified pieces, by digest. Nothing else may write here: what is stored has matched its digest. */
import { RemovedError } from '../errors/removed-error.ts';
import { StorageError } from '../errors/storage-error.ts';
import type { Hex, Piece } from '../protocol/manifest.ts';
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

/** Which of these pieces are stored. */
export function loadStored(db: Database, pieces: Iterable<Piece>): Promise<Set<Hex>> {
  const digests = [...new Set([...pieces].map((piece) => piece.sha256))];
  return db.transact('look up pieces', 'pieces', 'readonly', async (transaction) => {
    const store = transaction.objectStore('pieces');
    const keys = await Promise.all(digests.map((digest) => result(store.getKey(digest))));
    return new Set(keys.filter((key): key is string => typeof key === 'string'));
  });
}

/** The bytes of these pieces in order; undefined where one is not stored. */
export function loadPieces(db: Database, pieces: readonly Piece[]): Promise<(PieceData | undefined)[]> {
  return db.transact('read pieces', 'pieces', 'readonly', (transaction) => {
    const store = transaction.objectStore('pieces');
    return Promise.all(pieces.map((piece) => result<PieceData | undefined>(store.get(piece.sha256))));
  });
}

/** How the blobs are cut, as far as that is known. */
export function loadBlobs(db: Database, hexes: readonly Hex[]): Promise<Map<Hex, BlobRecord>> {
  return db.transact('read piece lists', 'blobs', 'readonly', async (transaction) => {
    const store = transaction.objectStore('blobs');
    const records = await Promise.all(hexes.map((hex) => result<BlobRecord | undefined>(store.get(hex))));
    return new Map(records.flatMap((record) => (record ? [[record.hex, record] as const] : [])));
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

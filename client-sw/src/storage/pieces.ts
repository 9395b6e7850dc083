/** Reads stored pieces and piece lists, and forgets wrong ones. `put-pieces.ts` alone writes them. */
import type { Hex, Piece } from '../protocol/manifest.ts';
import { openPiece } from './backings.ts';
import { type Database, result } from './database.ts';
import type { BlobRecord, PieceData } from './schema.ts';

/** Which of these pieces are stored. */
export function loadStored(db: Database, pieces: Iterable<Piece>): Promise<Set<Hex>> {
  const digests = [...new Set([...pieces].map((piece) => piece.sha256))];
  return db.transact('look up pieces', 'pieces', 'readonly', async (transaction) => {
    const store = transaction.objectStore('pieces');
    const keys = await Promise.all(digests.map((digest) => result(store.getKey(digest))));
    return new Set(keys.filter((key): key is string => typeof key === 'string'));
  });
}

/** The bytes of a stored piece, ready to be read. */
export type PieceBytes = Blob | ArrayBuffer;

/** The bytes of these pieces in order; undefined where one is not stored. */
export async function loadPieces(
  db: Database,
  pieces: readonly Piece[],
): Promise<(PieceBytes | undefined)[]> {
  const data = await db.transact('read pieces', 'pieces', 'readonly', (transaction) => {
    const store = transaction.objectStore('pieces');
    return Promise.all(pieces.map((piece) => result<PieceData | undefined>(store.get(piece.sha256))));
  });
  return Promise.all(data.map(openPiece));
}

/** Forgets pieces, so that they are fetched again. */
export function deletePieces(db: Database, pieces: readonly Piece[]): Promise<void> {
  return db.transact('forget pieces', 'pieces', 'readwrite', async (transaction) => {
    for (const { sha256 } of pieces) transaction.objectStore('pieces').delete(sha256);
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

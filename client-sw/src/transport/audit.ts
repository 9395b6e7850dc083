/**
 * Compares the ledger with what is really stored. Browsers evict, disks fail and people tidy up: what was complete and is
 * not any longer is found here, and only the gaps are fetched again.
 */
import type { Piece } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { deletePieces, loadPieces, type PieceBytes } from '../storage/pieces.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { sha256 } from './digest.ts';
import { loadInventory, planInventory } from './inventory.ts';

/** What an audit of one download found. */
export interface Audit {
  piecesChecked: number;
  /** Bytes read and hashed, or only looked up. */
  bytesChecked: number;
  piecesMissing: number;
  /** Wrong length or digest; they have been deleted. */
  piecesDamaged: number;
  /** What a repair has to fetch. */
  bytesToRepair: number;
  bytesStored: number;
}

/** A part of the stored pieces: from a place in their row (0 to 1) on and round, until it has so many bytes. */
export interface Sample {
  from: number;
  bytes: number;
}

/** Pieces looked at in one transaction. */
const BATCH_PIECES = 64;

/**
 * @param depth `lengths` looks everything up and compares lengths, which is quick; `digests` reads every byte, and a sample every byte of it
 */
export async function auditDownload(
  db: Database,
  record: DownloadRecord,
  depth: 'lengths' | 'digests' | Sample,
): Promise<Audit> {
  const { blobs, stored } = await loadInventory(db, record);
  const pieces = new Map(
    [...blobs.values()].flatMap((blob) => blob.pieces.map((piece) => [piece.sha256, piece])),
  );
  const present = [...pieces.values()].filter((piece) => stored.has(piece.sha256));
  const looked = typeof depth === 'string' ? present : takeSample(present, depth);
  const damaged: Piece[] = [];
  let bytesChecked = 0;
  for (let i = 0; i < looked.length; i += BATCH_PIECES) {
    const batch = looked.slice(i, i + BATCH_PIECES);
    const data = await loadPieces(db, batch);
    for (const [j, piece] of batch.entries()) {
      if (!(await isRight(data[j], piece, depth !== 'lengths'))) damaged.push(piece);
      bytesChecked += piece.length;
    }
  }
  await deletePieces(db, damaged);
  const plan = planInventory(await loadInventory(db, record), 'pieces');
  return {
    piecesChecked: looked.length,
    bytesChecked,
    piecesMissing: pieces.size - present.length,
    piecesDamaged: damaged.length,
    bytesToRepair: plan.bytesToFetch,
    bytesStored: plan.bytesStored,
  };
}

export function takeSample(pieces: readonly Piece[], { from, bytes }: Sample): Piece[] {
  const start = Math.floor(from * pieces.length);
  let left = bytes;
  return [...pieces.slice(start), ...pieces.slice(0, start)].filter(({ length }) => {
    const isIn = left > 0;
    left -= length;
    return isIn;
  });
}

/** A Blob whose file is gone cannot be read: that is damage, too. */
async function isRight(data: PieceBytes | undefined, piece: Piece, isRead: boolean): Promise<boolean> {
  const length = data instanceof Blob ? data.size : data?.byteLength;
  if (data === undefined || length !== piece.length) return false;
  if (!isRead) return true;
  try {
    return (await sha256(await new Response(data).arrayBuffer())) === piece.sha256;
  } catch {
    return false;
  }
}

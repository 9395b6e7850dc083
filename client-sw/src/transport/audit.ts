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

/** Pieces looked at in one transaction. */
const BATCH_PIECES = 64;

/**
 * @param depth `lengths` looks everything up and compares lengths, which is quick; `digests` reads every byte
 */
export async function auditDownload(
  db: Database,
  record: DownloadRecord,
  depth: 'lengths' | 'digests',
): Promise<Audit> {
  const { blobs, stored } = await loadInventory(db, record);
  const pieces = new Map(
    [...blobs.values()].flatMap((blob) => blob.pieces.map((piece) => [piece.sha256, piece])),
  );
  const present = [...pieces.values()].filter((piece) => stored.has(piece.sha256));
  const damaged: Piece[] = [];
  let bytesChecked = 0;
  for (let i = 0; i < present.length; i += BATCH_PIECES) {
    const batch = present.slice(i, i + BATCH_PIECES);
    const data = await loadPieces(db, batch);
    for (const [j, piece] of batch.entries()) {
      if (!(await isRight(data[j], piece, depth))) damaged.push(piece);
      bytesChecked += piece.length;
    }
  }
  await deletePieces(db, damaged);
  const plan = planInventory(await loadInventory(db, record), 'pieces');
  return {
    piecesChecked: present.length,
    bytesChecked,
    piecesMissing: pieces.size - present.length,
    piecesDamaged: damaged.length,
    bytesToRepair: plan.bytesToFetch,
    bytesStored: plan.bytesStored,
  };
}

/** A Blob whose file is gone cannot be read: that is damage, too. */
async function isRight(
  data: PieceBytes | undefined,
  piece: Piece,
  depth: 'lengths' | 'digests',
): Promise<boolean> {
  const length = data instanceof Blob ? data.size : data?.byteLength;
  if (data === undefined || length !== piece.length) return false;
  if (depth === 'lengths') return true;
  try {
    return (await sha256(await new Response(data).arrayBuffer())) === piece.sha256;
  } catch {
    return false;
  }
}

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
  /** After a sample: where the next one begins. 0 once the row has been read to its end. */
  next?: number;
}

/** A part of a download's pieces: from a place in their row on, until it has so many bytes or the row ends. */
export interface Sample {
  from: number;
  bytes: number;
}

/** Pieces looked at in one transaction. */
const BATCH_PIECES = 64;

/**
 * @param depth `lengths` looks everything up and compares lengths, which is quick; `digests` reads every byte, too, and a sample those
 * of a part
 */
export async function auditDownload(
  db: Database,
  record: DownloadRecord,
  depth: 'lengths' | 'digests' | Sample,
): Promise<Audit> {
  const inventory = await loadInventory(db, record);
  const { blobs, stored } = inventory;
  const byDigest = new Map(
    [...blobs.values()].flatMap(({ pieces }) => pieces.map((piece) => [piece.sha256, piece])),
  );
  const row = [...byDigest.values()];
  const sample = typeof depth === 'object' ? takeSample(row, depth) : undefined;
  const read = new Set(depth === 'digests' ? row : sample?.pieces);
  const present = row.filter((piece) => stored.has(piece.sha256));
  const damaged: Piece[] = [];
  let bytesChecked = 0;
  for (let i = 0; i < present.length; i += BATCH_PIECES) {
    const batch = present.slice(i, i + BATCH_PIECES);
    const data = await loadPieces(db, batch);
    for (const [j, piece] of batch.entries()) {
      if (!(await isRight(data[j], piece, read.has(piece)))) damaged.push(piece);
      bytesChecked += piece.length;
    }
  }
  await deletePieces(db, damaged);
  let plan = planInventory(inventory, 'pieces');
  // What was missing may have come meanwhile.
  if (damaged.length > 0 || plan.requests.length > 0)
    plan = planInventory(await loadInventory(db, record), 'pieces');
  return {
    piecesChecked: present.length,
    bytesChecked,
    piecesMissing: row.length - present.length,
    piecesDamaged: damaged.length,
    bytesToRepair: plan.bytesToFetch,
    bytesStored: plan.bytesStored,
    ...(sample && { next: sample.next }),
  };
}

export function takeSample(
  row: readonly Piece[],
  { from, bytes }: Sample,
): { pieces: Piece[]; next: number } {
  // Another release may have fewer pieces.
  const start = from < row.length ? from : 0;
  let end = start;
  for (let left = bytes; left > 0 && end < row.length; end += 1) left -= row[end]?.length ?? 0;
  return { pieces: row.slice(start, end), next: end < row.length ? end : 0 };
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

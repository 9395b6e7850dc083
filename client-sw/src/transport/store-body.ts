/** Verifies a body piece by piece and stores what is right: nothing unverified ever reaches storage. */
import { cutBody } from '../core/cut.ts';
import type { Piece } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { putPiece } from '../storage/put-pieces.ts';
import type { BlobRecord } from '../storage/schema.ts';
import { sha256 } from './digest.ts';

/** How a body turned out; a body that ends early gives fewer of both. */
export interface BodyOutcome {
  verified: number;
  damaged: number;
}

export interface BodyListener {
  onBytes?(bytes: number): void;
  /** A piece is stored. */
  onPiece?(piece: Piece): void;
}

/**
 * Reads `body` as the pieces `first`…`last` of `blob`. A wrong piece is left out and the next is still looked at.
 * @throws what the body throws, QuotaError, StorageError, RemovedError
 */
export async function storeBody(
  db: Database,
  blob: BlobRecord,
  first: number,
  last: number,
  body: ReadableStream<Uint8Array>,
  listener: BodyListener = {},
): Promise<BodyOutcome> {
  const pieces = blob.pieces.slice(first, last + 1);
  const outcome: BodyOutcome = { verified: 0, damaged: 0 };
  let i = 0;
  for await (const bytes of cutBody(
    body,
    pieces.map((piece) => piece.length),
    listener.onBytes,
  )) {
    const piece = pieces[i++];
    if (!piece) break;
    if ((await sha256(bytes)) !== piece.sha256) {
      outcome.damaged += 1;
      continue;
    }
    await putPiece(db, blob.hex, piece.sha256, bytes);
    outcome.verified += 1;
    listener.onPiece?.(piece);
  }
  return outcome;
}

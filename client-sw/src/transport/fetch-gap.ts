/**
 * Fetches one piece that a player is about to need: verified before it is handed on, and kept, so that what was played
 * need not be downloaded again.
 */
import { partUrl } from '../core/address.ts';
import { cutBody } from '../core/cut.ts';
import { IntegrityError } from '../errors/integrity-error.ts';
import { asNetworkError } from '../errors/network-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { Piece } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { loadPieces, type PieceBytes } from '../storage/pieces.ts';
import { putPiece } from '../storage/put-pieces.ts';
import type { BlobRecord } from '../storage/schema.ts';
import { sha256 } from './digest.ts';
import { fetchPieces } from './fetch-pieces.ts';
import { withRunLock } from './lock.ts';

/** A player gives up at about the same time. */
const LONGEST_WAIT_MS = 30_000;

/**
 * @param assetUrl as the player asked for it, signature and all
 * @throws NetworkError, IntegrityError when it arrives damaged twice
 */
export async function fetchGap(
  db: Database,
  blob: BlobRecord,
  index: number,
  assetUrl: string,
): Promise<PieceBytes> {
  const piece = blob.pieces[index];
  if (!piece) throw new RangeError(`${blob.hex} has no piece ${index}`);
  const signal = AbortSignal.timeout(LONGEST_WAIT_MS);
  const data = await withRunLock(blob, index, signal, async () => {
    const [stored] = await loadPieces(db, [piece]);
    if (stored) return stored;
    const bytes = await fetchVerified(assetUrl, blob, index, piece, signal);
    await keep(db, blob, piece.sha256, bytes);
    // What lies in storage takes no memory while a player reads it.
    const [kept] = await loadPieces(db, [piece]);
    return kept ?? new Blob([bytes]);
  });
  if (!data) throw asNetworkError(signal.reason, assetUrl);
  return data;
}

/** Damage is met with one more try, for the cache that held it may not be asked again. */
async function fetchVerified(
  assetUrl: string,
  blob: BlobRecord,
  index: number,
  piece: Piece,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const answer = await fetchPieces(assetUrl, blob, index, index, signal);
    try {
      for await (const bytes of cutBody(answer.body, [piece.length], answer.touch))
        if ((await sha256(bytes)) === piece.sha256) return bytes;
    } catch (error) {
      throw asNetworkError(error, assetUrl);
    } finally {
      answer.release();
    }
  }
  throw new IntegrityError(partUrl(assetUrl, index, index));
}

/** A browser without room, or a download that is gone, must not stop the player. */
async function keep(
  db: Database,
  blob: BlobRecord,
  digest: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    await putPiece(db, blob.hex, digest, bytes);
  } catch (error) {
    if (!(error instanceof StowawayError)) throw error;
    console.info('stowaway: played, but not kept', error);
  }
}

/**
 * Fetches one piece that a player is about to need: verified before it is handed on, and kept, so that what was played
 * need not be downloaded again.
 */
import { partUrl } from '../core/address.ts';
import { cutBody } from '../core/cut.ts';
import { IntegrityError } from '../errors/integrity-error.ts';
import { asNetworkError, NetworkError } from '../errors/network-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { Piece } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { loadPieces, type PieceBytes } from '../storage/pieces.ts';
import { putPiece } from '../storage/put-pieces.ts';
import type { BlobRecord } from '../storage/schema.ts';
import { sha256 } from './digest.ts';
import { fetchPieces } from './fetch-pieces.ts';
import { withRunLock } from './lock.ts';
import { findOtherAddress, mayHelp } from './other-address.ts';

interface Gap {
  blob: BlobRecord;
  index: number;
  piece: Piece;
  signal: AbortSignal;
}

/** A player gives up at about the same time. */
const LONGEST_WAIT_MS = 30_000;
const MOST_ADDRESSES = 3;

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
    const bytes = await fetchAnywhere(db, assetUrl, { blob, index, piece, signal });
    return (await keep(db, blob, piece, bytes)) ?? new Blob([bytes]);
  });
  if (!data) throw asNetworkError(signal.reason, assetUrl);
  return data;
}

/** Under the player's address; where that has run out under the ledger's, as it is and as a fresh manifest has it. */
async function fetchAnywhere(db: Database, assetUrl: string, gap: Gap): Promise<Uint8Array<ArrayBuffer>> {
  let url = assetUrl;
  for (let left = MOST_ADDRESSES - 1; ; left -= 1) {
    try {
      return await fetchVerified(url, gap);
    } catch (error) {
      const hopeless = left === 0 || !(error instanceof NetworkError) || !mayHelp(error, url);
      const other = hopeless ? undefined : await findOtherAddress(db, gap.blob.hex, url, gap.signal);
      if (other === undefined) throw error;
      url = other;
    }
  }
}

/**
 * What arrives damaged, breaks off or is refused by a server in trouble is asked for once more: a cache that held damage may not be asked
 * again, and the network's own answer, which a player gets instead, is neither verified nor kept.
 */
async function fetchVerified(assetUrl: string, gap: Gap): Promise<Uint8Array<ArrayBuffer>> {
  let answered = false;
  const onAnswer = () => {
    answered = true;
  };
  try {
    return await fetchOnce(assetUrl, gap, onAnswer);
  } catch (error) {
    if (error instanceof NetworkError && !mayPass(error, assetUrl, answered)) throw error;
    return fetchOnce(assetUrl, gap);
  }
}

/**
 * Not what is refused for good or for a while, nor what another address may bring, nor silence, which was waited for long enough.
 * @param answered whether it broke off in its body: then the address is good
 */
function mayPass(error: NetworkError, url: string, answered: boolean): boolean {
  const { status, retryAfterMs, cause } = error;
  if (status > 0) return status >= 500 && retryAfterMs === undefined;
  return (answered || !mayHelp(error, url)) && (cause as Error | undefined)?.name !== 'AbortError';
}

async function fetchOnce(
  assetUrl: string,
  { blob, index, piece, signal }: Gap,
  onAnswer?: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetchPieces(assetUrl, blob, index, index, signal);
  onAnswer?.();
  let good: Uint8Array<ArrayBuffer> | undefined;
  try {
    // To the end of the body: leaving earlier would cut the connection.
    for await (const bytes of cutBody(answer.body, [piece.length], answer.touch))
      if ((await sha256(bytes)) === piece.sha256) good = bytes;
  } catch (error) {
    if (!good) throw asNetworkError(error, assetUrl);
  } finally {
    answer.release();
  }
  if (good) return good;
  throw new IntegrityError(partUrl(assetUrl, index, index));
}

/**
 * A browser without room, one that fails to read, or a download that is gone, must not stop the player.
 * @returns the piece as it lies in storage, where it takes no memory while a player reads it; undefined when it does not
 */
async function keep(
  db: Database,
  blob: BlobRecord,
  piece: Piece,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<PieceBytes | undefined> {
  try {
    await putPiece(db, blob.hex, piece.sha256, bytes);
    const [kept] = await loadPieces(db, [piece]);
    return kept;
  } catch (error) {
    if (!(error instanceof StowawayError) && !(error instanceof DOMException)) throw error;
    console.info('stowaway: played, but not from storage', error);
    return undefined;
  }
}

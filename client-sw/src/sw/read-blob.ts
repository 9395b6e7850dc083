/**
 * Puts the bytes of a span together: stored pieces first, and what is missing from the network, verified and kept. Bodies
 * are Blobs, because browsers cut streams of a worker that they put to sleep; only WebKit, which takes no answer shorter
 * than it asked for, gets a stream where pieces are missing.
 */
import type { Span } from '../core/range.ts';
import type { Piece } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { loadPieces, type PieceBytes } from '../storage/pieces.ts';
import type { BlobRecord } from '../storage/schema.ts';
import type { Environment } from '../transport/environment.ts';
import { fetchGap } from '../transport/fetch-gap.ts';

export interface ReadSpan {
  body: Blob | ReadableStream<Uint8Array>;
  /** What it holds: from the first byte asked for, and perhaps not as far as the last. */
  span: Span;
  /** Whether something was not stored. */
  gaps: boolean;
}

export interface ReadOptions {
  /** The address that was asked for. */
  url: string;
  /** Whether the answer may end before the span does: players of Chromium and Firefox go on by themselves. */
  mayBeShort: boolean;
  /** Whether it is to end early even where all of it is stored. */
  inSteps: boolean;
}

/**
 * A player asks for everything from here to the end, reads a little, and asks anew after the next seek. Every piece of an
 * answer is a handle in worker and browser until both have tidied up: an answer has as many as a player needs soon.
 */
const MOST_PIECES_IN_A_STEP = 16;

/** Gaps up to this many bytes are fetched before the answer begins, where it must be whole. */
const MOST_BYTES_WAITED_FOR = 4 * 1024 * 1024;

/** undefined when it must be whole, is not stored, and is too large to wait for: the network's own answer is better then. */
export async function readSpan(
  { db }: Environment,
  blob: BlobRecord,
  span: Span,
  { url, mayBeShort, inSteps }: ReadOptions,
): Promise<ReadSpan | undefined> {
  const [from, asked] = span;
  const first = blob.pieces.findIndex((piece) => piece.offset + piece.length > from);
  const all = blob.pieces.filter((piece) => piece.offset <= asked && piece.offset + piece.length > from);
  const pieces = inSteps ? all.slice(0, MOST_PIECES_IN_A_STEP) : all;
  const to = Math.min(asked, endOf(pieces) - 1);
  const data = await loadPieces(db, pieces);
  const gap = data.indexOf(undefined);
  if (gap < 0) return { body: join(pieces, data, [from, to]), span: [from, to], gaps: false };

  const missing = pieces.reduce((sum, piece, i) => sum + (data[i] ? 0 : piece.length), 0);
  if (!mayBeShort && missing > MOST_BYTES_WAITED_FOR) {
    return isWebKit() ? { body: stream(db, blob, pieces, first, span, url), span, gaps: true } : undefined;
  }
  // As far as it is stored; or the next piece, and what is stored behind it.
  const wanted = mayBeShort ? (gap === 0 ? [0] : []) : pieces.keys();
  for (const i of wanted) data[i] ??= await fetchGap(db, blob, first + i, url);
  const end = data.indexOf(undefined);
  const held = end < 0 ? pieces : pieces.slice(0, end);
  if (held.length === 0) return undefined;
  const short: Span = [from, Math.min(to, endOf(held) - 1)];
  return { body: join(held, data, short), span: short, gaps: true };
}

/** WebKit plays what an answer holds and asks for no more; and it alone keeps a worker that answers slowly. */
export function isWebKit(): boolean {
  return /AppleWebKit/.test(navigator.userAgent) && !/Chrom(?:e|ium)\//.test(navigator.userAgent);
}

function endOf(pieces: readonly Piece[]): number {
  const last = pieces.at(-1);
  return last ? last.offset + last.length : 0;
}

function join(pieces: readonly Piece[], data: readonly (PieceBytes | undefined)[], span: Span): Blob {
  return new Blob(pieces.map((piece, i) => cut(data[i] ?? new ArrayBuffer(0), piece, span)));
}

/** One piece at a time, when the player asks for more. */
function stream(
  db: Database,
  blob: BlobRecord,
  pieces: readonly Piece[],
  first: number,
  span: Span,
  url: string,
): ReadableStream<Uint8Array> {
  let i = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = pieces[i];
        if (!piece) return controller.close();
        const [stored] = await loadPieces(db, [piece]);
        const data = stored ?? (await fetchGap(db, blob, first + i, url));
        i += 1;
        controller.enqueue(new Uint8Array(await new Response(cut(data, piece, span)).arrayBuffer()));
      },
    },
    { highWaterMark: 0 },
  );
}

/** The bytes of a piece that lie in a span of its blob. */
function cut(data: PieceBytes, piece: Piece, [first, last]: Span): Blob | Uint8Array<ArrayBuffer> {
  const from = Math.max(0, first - piece.offset);
  const to = Math.min(piece.length, last + 1 - piece.offset);
  return data instanceof Blob ? data.slice(from, to) : new Uint8Array(data, from, to - from);
}

/**
 * Answers requests for assets from storage: whole, or exactly the range that was asked. Bodies are Blobs, never
 * streams, because browsers cut streams of a worker that they put to sleep. What is not stored goes to the network.
 */
import { withoutQuery } from '../core/address.ts';
import { lastModified } from '../core/last-modified.ts';
import { planPrecondition } from '../core/precondition.ts';
import { planRange, type Span } from '../core/range.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { Piece } from '../protocol/manifest.ts';
import { loadAddress } from '../storage/addresses.ts';
import type { Database } from '../storage/database.ts';
import { loadPieces } from '../storage/pieces.ts';
import type { AddressRecord, BlobRecord, PieceData } from '../storage/schema.ts';

/** Types that a browser would run: they get no rights, as from the server. */
const ACTIVE_TYPE = /html|svg|xml/;

export async function answerBlob({ db }: { db: Database }, request: Request): Promise<Response> {
  try {
    const found = await loadAddress(db, withoutQuery(request.url));
    const stored = found && (await answerStored(db, request, found.address, found.blob));
    if (stored) return stored;
  } catch (error) {
    // Storage that fails must not take the site with it while there is a network.
    if (!(error instanceof StowawayError)) throw error;
    console.warn('stowaway: storage failed, asking the network', error);
  }
  return fetch(request);
}

/** undefined when a needed piece is not stored. */
async function answerStored(
  db: Database,
  request: Request,
  address: AddressRecord,
  blob: BlobRecord,
): Promise<Response | undefined> {
  const validators = { etag: `"sha256:${blob.hex}"`, lastModified: lastModified(blob.hex) };
  const headers = new Headers({
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    'Content-Type': address.type,
    ETag: validators.etag,
    'Last-Modified': validators.lastModified,
    'X-Content-Type-Options': 'nosniff',
  });
  if (ACTIVE_TYPE.test(address.type)) headers.set('Content-Security-Policy', 'sandbox');

  const condition = planPrecondition(request.method, request.headers, validators);
  if (condition.status !== 'proceed') return new Response(null, { status: condition.status, headers });

  const plan = planRange(condition.range ? request.headers.get('range') : null, blob.size);
  if (plan.status === 416) {
    headers.set('Content-Range', `bytes */${blob.size}`);
    return new Response(null, { status: 416, headers });
  }
  // Several ranges are answered whole, as RFC 9110 allows; no player asks for them.
  const span = plan.status === 206 && plan.parts.length === 1 ? plan.parts[0] : undefined;
  const body = await readSpan(db, blob, span ?? [0, blob.size - 1]);
  if (!body) return undefined;
  if (span) headers.set('Content-Range', `bytes ${span[0]}-${span[1]}/${blob.size}`);
  headers.set('Content-Length', String(body.size));
  return new Response(request.method === 'HEAD' ? null : body, { status: span ? 206 : 200, headers });
}

async function readSpan(db: Database, blob: BlobRecord, [first, last]: Span): Promise<Blob | undefined> {
  const pieces = blob.pieces.filter((piece) => piece.offset <= last && piece.offset + piece.length > first);
  const data = await loadPieces(db, pieces);
  const slices: (Blob | Uint8Array<ArrayBuffer>)[] = [];
  for (const [i, piece] of pieces.entries()) {
    const bytes = data[i];
    if (bytes === undefined) return undefined;
    slices.push(cut(bytes, piece, first, last));
  }
  return new Blob(slices);
}

/** The bytes of a piece that lie between `first` and `last` of its blob. */
function cut(data: PieceData, piece: Piece, first: number, last: number): Blob | Uint8Array<ArrayBuffer> {
  const from = Math.max(0, first - piece.offset);
  const to = Math.min(piece.length, last + 1 - piece.offset);
  return data instanceof Blob ? data.slice(from, to) : new Uint8Array(data, from, to - from);
}

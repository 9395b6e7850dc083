/** Accounts of bytes: which requests of a browser were a download's own, what they asked for, what they cost. */
import assert from 'node:assert/strict';
import { waitFor } from './wait-for.mjs';

/** What pages load to show themselves, and browsers to show an icon: not a download's doing. */
const FOR_SHOW = new Set(['image', 'video', 'audio', 'track']);
const PART_PATH = /^\/blobs\/([0-9a-f]{64})\/pieces\/(\d+)(?:-(\d+))?$/;
const CONTENT_PATH = /^\/(?:blobs\/[0-9a-f]{64}\/|tags\/[^/]+\/releases\/\d+\/pieces\.json$)/;

/** The requests, among those the proxy saw, that a download made for content. */
export function downloadRequests(requests) {
  return requests.filter(
    ({ method, path, headers }) =>
      method === 'GET' && CONTENT_PATH.test(path) && !FOR_SHOW.has(headers['sec-fetch-dest']),
  );
}

/**
 * Until Chromium 156.0.8078.73 a Background Fetch asks as a navigation that never arrives anywhere; later versions ask as scripts do, but
 * with an Origin, which scripts leave out at home, and without the no-cache of the library's own requests.
 */
export function isBackgroundFetch({ headers }) {
  if (headers['sec-fetch-mode'] === 'navigate') return headers['sec-fetch-dest'] !== 'document';
  return headers.origin !== undefined && headers['cache-control'] === undefined;
}

/** Whether a request has its answer, to its end. A player may leave a range half read, and hold it open. */
function isOver({ complete, cut, error, status }) {
  return complete || cut || error || (status !== undefined && status !== 200);
}

/** Waits until no request moves bytes any more. */
export function waitForAllToEnd(proxy) {
  return waitFor('all requests to end', () => proxy.requests.every(isOver));
}

/** Bytes of content that arrived: of an answer that came coded, what it was decoded to. */
export function sumBytes(requests) {
  return requests.reduce((sum, { bytes, complete, contentBytes }) => {
    if (contentBytes === undefined || bytes === 0) return sum + bytes;
    if (!complete) throw new Error('a coded answer that was cut has no known number of bytes of content');
    return sum + contentBytes;
  }, 0);
}

/** Bytes that went over the wire. */
export function sumWireBytes(requests) {
  return requests.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Paths with the number of their requests that went well. */
export function countAnswered(requests) {
  const counts = new Map();
  for (const { path, complete } of requests) if (complete) counts.set(path, (counts.get(path) ?? 0) + 1);
  return counts;
}

/** Digests of the pieces that a path asks for: of a part, of a whole asset, or none. */
export function piecesAsked(path, pieceIndex) {
  const part = PART_PATH.exec(path);
  const hex = part?.[1] ?? /^\/blobs\/([0-9a-f]{64})\//.exec(path)?.[1];
  const blob = pieceIndex.blobs.find(({ digest }) => digest === `sha256:${hex}`);
  if (!blob) return [];
  const first = part ? Number(part[2]) : 0;
  const last = part ? Number(part[3] ?? part[2]) : blob.pieces.length - 1;
  return blob.pieces.slice(first, last + 1).map(({ sha256 }) => sha256);
}

/** Bytes of the release that a set of stored pieces covers. */
export function coveredBytes(pieceIndex, stored) {
  const all = pieceIndex.blobs.flatMap(({ pieces }) => pieces);
  return all.filter(({ sha256 }) => stored.has(sha256)).reduce((sum, { length }) => sum + length, 0);
}

/** Waits until the server's own log counts as many bytes as the proxy: a line is written a moment after the last byte. */
export async function waitForServerCount(log, matches, bytes) {
  let counted;
  try {
    await waitFor('the access log', () => {
      counted = log.entries.filter(matches).reduce((sum, { bytes_sent: sent }) => sum + sent, 0);
      return counted === bytes;
    });
  } catch (cause) {
    throw new Error(`the access log counts ${counted} bytes, the proxy ${bytes}`, { cause });
  }
}

/** None of the requests asks for a piece that was stored before. */
export function assertNoneStored(requests, pieceIndex, stored) {
  for (const { path } of requests) {
    const again = piecesAsked(path, pieceIndex).filter((piece) => stored.has(piece));
    assert.deepEqual(again, [], `${path} asks for stored pieces`);
  }
}

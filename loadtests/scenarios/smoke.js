// A visitor who looks at the catalogue, opens a manifest, comes back to it, plays from somewhere, and keeps a piece: at a fixed
// rate of arrivals, so that a slow server does not slow down its own test.
import crypto from 'k6/crypto';
import { check } from 'k6';
import { loadLibrary } from '../lib/library.js';
import { getBytes, getDocument } from '../lib/server.js';
import { summarise } from '../lib/summary.js';
import { THRESHOLDS } from '../thresholds.js';

const VISITS_PER_SECOND = Number(__ENV.RATE || 15);
const DURATION = __ENV.DURATION || '12s';
const PLAYED_BYTES = 65536;
// Set by the test of this test: a digest that no piece has must break the run.
const EXPECTED_DIGEST = __ENV.EXPECTED_DIGEST;

export const options = {
  scenarios: {
    visits: {
      executor: 'constant-arrival-rate',
      rate: VISITS_PER_SECOND,
      timeUnit: '1s',
      duration: DURATION,
      preAllocatedVUs: 20,
      maxVUs: 40,
      gracefulStop: '5s',
    },
  },
  thresholds: THRESHOLDS,
  discardResponseBodies: false,
  summaryTrendStats: ['avg', 'med', 'p(95)', 'p(99)', 'max'],
};

export const handleSummary = summarise;

export function setup() {
  return loadLibrary();
}

export default function visit(library) {
  lookAtCatalogue(library);
  const entry = pick(library);
  openManifest(entry);
  const blob = pick(entry.blobs);
  playFromSomewhere(blob);
  const number = Math.floor(Math.random() * blob.pieces.length);
  keepPiece(blob, number);
  playExactlyOnePiece(blob, blob.pieces[number]);
}

function lookAtCatalogue(library) {
  const answer = getDocument('catalogue', '/tags');
  check(answer, {
    'catalogue: 200': (r) => r.status === 200,
    'catalogue: OPDS': (r) => (r.headers['Content-Type'] || '').startsWith('application/opds+json'),
    'catalogue: lists every tag': (r) => r.json('publications.#') === library.length,
  });
}

function openManifest(entry) {
  const first = getDocument('manifest', entry.manifestPath);
  const etag = first.headers.Etag;
  check(first, {
    'manifest: 200': (r) => r.status === 200,
    'manifest: ETag is the digest of its bytes': (r) => etag === `"sha256:${crypto.sha256(r.body, 'hex')}"`,
    'manifest: names its tag': (r) => r.json('download.tag') === entry.tag,
  });
  const again = getDocument('manifest', entry.manifestPath, { 'If-None-Match': etag }, [304]);
  check(again, {
    'manifest again: 304': (r) => r.status === 304,
    'manifest again: same ETag': (r) => r.headers.Etag === etag,
    'manifest again: no body': (r) => !r.body,
  });
}

function playFromSomewhere(blob) {
  const first = Math.floor(Math.random() * blob.size);
  const last = Math.min(first + PLAYED_BYTES, blob.size) - 1;
  const answer = getBytes('range', blob.href, { Range: `bytes=${first}-${last}` }, [206]);
  check(answer, {
    'range: 206': (r) => r.status === 206,
    'range: exact Content-Range': (r) => r.headers['Content-Range'] === `bytes ${first}-${last}/${blob.size}`,
    'range: exact Content-Length': (r) => Number(r.headers['Content-Length']) === last - first + 1,
    'range: exactly as many bytes': (r) => r.body.byteLength === last - first + 1,
    'range: ETag is the digest': (r) => r.headers.Etag === `"${blob.digest}"`,
  });
}

function playExactlyOnePiece(blob, piece) {
  const last = piece.offset + piece.length - 1;
  const answer = getBytes('range', blob.href, { Range: `bytes=${piece.offset}-${last}` }, [206]);
  check(answer, {
    'range of a piece: 206': (r) => r.status === 206,
    'range of a piece: its bytes': (r) => crypto.sha256(r.body, 'hex') === (EXPECTED_DIGEST || piece.sha256),
  });
}

function keepPiece(blob, number) {
  const piece = blob.pieces[number];
  const answer = getBytes('piece', `/blobs/${blob.digest.replace('sha256:', '')}/pieces/${number}`);
  check(answer, {
    'piece: 200': (r) => r.status === 200,
    'piece: exact Content-Length': (r) => Number(r.headers['Content-Length']) === piece.length,
    'piece: its bytes': (r) => crypto.sha256(r.body, 'hex') === (EXPECTED_DIGEST || piece.sha256),
    'piece: kept for ever': (r) => (r.headers['Cache-Control'] || '').includes('immutable'),
  });
}

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}

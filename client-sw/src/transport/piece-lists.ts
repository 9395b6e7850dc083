/** Brings the release piece index in: checked against the manifest's digest, then kept blob by blob. */
import { hexOf } from '../core/address.ts';
import { parsePieceIndex } from '../core/piece-index.ts';
import { IntegrityError } from '../errors/integrity-error.ts';
import { ManifestError } from '../errors/manifest-error.ts';
import { asNetworkError } from '../errors/network-error.ts';
import type { Database } from '../storage/database.ts';
import { putBlobs } from '../storage/put-pieces.ts';
import type { BlobRecord, DownloadRecord } from '../storage/schema.ts';
import { sha256 } from './digest.ts';
import { fetchWhole } from './fetch-whole.ts';
import { recordAssets } from './inventory.ts';

/**
 * Keeps the lists of this download's blobs.
 * @throws IntegrityError when the bytes are not the promised ones
 */
export async function storePieceLists(
  db: Database,
  record: DownloadRecord,
  bytes: ArrayBuffer,
): Promise<void> {
  await putBlobs(db, record.id, await readPieceLists(record, bytes));
}

/** Fetches the index from the network and keeps it. */
export async function fetchPieceLists(
  db: Database,
  record: DownloadRecord,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  await putBlobs(db, record.id, await loadPieceLists(record, url, signal));
}

/** Fetches the index from the network, and keeps nothing: for a download that is not in the ledger yet. */
export async function loadPieceLists(
  record: DownloadRecord,
  url: string,
  signal: AbortSignal,
): Promise<BlobRecord[]> {
  const answer = await fetchWhole(url, signal);
  let bytes: ArrayBuffer;
  try {
    bytes = await new Response(answer.body).arrayBuffer();
  } catch (error) {
    throw asNetworkError(error, url);
  } finally {
    answer.release();
  }
  return readPieceLists(record, bytes);
}

async function readPieceLists(record: DownloadRecord, bytes: ArrayBuffer): Promise<BlobRecord[]> {
  const { href, digest } = record.manifest.download.pieces;
  if ((await sha256(bytes)) !== hexOf(digest)) throw new IntegrityError(href);
  const index = parsePieceIndex(new TextDecoder().decode(bytes));
  return recordAssets(record).map(({ url, hex, size }) => {
    const blob = index.get(hex);
    if (blob?.size !== size) throw new ManifestError(`The release piece index does not describe ${url}.`);
    return { hex, size, pieces: blob.pieces };
  });
}

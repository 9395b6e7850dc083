/** Reads a piece index and refuses one that could not be true. Pure. */
import { ManifestError } from '../errors/manifest-error.ts';
import type { BlobPieces, Hex, PieceIndex } from '../protocol/manifest.ts';
import { hexOf } from './address.ts';

/** No piece may be larger: memory of whoever verifies is bounded by it. */
export const LARGEST_PIECE_BYTES = 4 * 1024 * 1024;

/** Blob → its pieces. */
export function parsePieceIndex(text: string): Map<Hex, BlobPieces> {
  let index: PieceIndex;
  try {
    index = JSON.parse(text);
  } catch (cause) {
    throw new ManifestError('The piece index is not JSON.', { cause });
  }
  if (index.version !== 1)
    throw new ManifestError(`Piece index version ${index.version} is not known; 1 is.`);
  const blobs = new Map<Hex, BlobPieces>();
  for (const blob of index.blobs) {
    checkContiguous(blob);
    blobs.set(hexOf(blob.digest), blob);
  }
  return blobs;
}

function checkContiguous(blob: BlobPieces): void {
  let offset = 0;
  for (const piece of blob.pieces) {
    if (piece.offset !== offset || piece.length <= 0 || piece.length > LARGEST_PIECE_BYTES) {
      throw new ManifestError(`The piece index cuts ${blob.digest} wrongly at byte ${offset}.`);
    }
    offset += piece.length;
  }
  if (offset !== blob.size)
    throw new ManifestError(`The pieces of ${blob.digest} do not add up to ${blob.size} bytes.`);
}

/**
 * Asks for a run of pieces: as one part, or, where a site of plain files has no parts, as that range of the asset itself.
 * Which of the two an origin has is found out once.
 */
import { partUrl } from '../core/address.ts';
import { NetworkError } from '../errors/network-error.ts';
import type { BlobRecord } from '../storage/schema.ts';
import { fetchWhole, type WholeAnswer } from './fetch-whole.ts';

/** Origins that answered a range where they have no part. */
const originsOfPlainFiles = new Set<string>();

/**
 * @param assetUrl as the manifest gives it, signature and all
 * @throws NetworkError for no answer (status 0) and for any other than the bytes
 */
export async function fetchPieces(
  assetUrl: string,
  blob: BlobRecord,
  first: number,
  last: number,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const [from, to] = [blob.pieces[first], blob.pieces[last]];
  if (!from || !to) throw new RangeError(`${blob.hex} has no pieces ${first} to ${last}`);
  const range = () => fetchWhole(assetUrl, signal, [from.offset, to.offset + to.length - 1]);
  const { origin } = new URL(assetUrl);
  if (originsOfPlainFiles.has(origin)) return range();
  try {
    return await fetchWhole(partUrl(assetUrl, first, last), signal);
  } catch (error) {
    if (!(error instanceof NetworkError) || !mayBePlainFiles(error, assetUrl)) throw error;
    const answer = await range().catch(() => undefined);
    if (!answer) throw error;
    originsOfPlainFiles.add(origin);
    return answer;
  }
}

/**
 * Whether a refusal may come from a site of plain files: Stowaway's own server says why it refuses, in a problem document.
 * Buckets that nobody may list answer 403 for what they do not have; of a signed address it is about the signature.
 */
function mayBePlainFiles({ status, contentType }: NetworkError, assetUrl: string): boolean {
  if (contentType === undefined || contentType.startsWith('application/problem+json')) return false;
  return status === 404 || (status === 403 && new URL(assetUrl).search === '');
}

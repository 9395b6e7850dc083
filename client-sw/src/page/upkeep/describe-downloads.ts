/** One paragraph of the diagnosis for each download: numbers and states, told apart by release digests. */
import type { CapableRegistration } from '../../protocol/background-fetch.ts';
import type { Database } from '../../storage/database.ts';
import type { DownloadRecord } from '../../storage/schema.ts';
import { loadInventory } from '../../transport/inventory.ts';
import { backgroundFetchOf } from '../background-fetch.ts';

const DIGEST_CHARACTERS = 8;

export async function describeDownloads(
  db: Database,
  records: readonly DownloadRecord[],
  registration: CapableRegistration | undefined,
): Promise<string[]> {
  const paragraphs: string[][] = [];
  for (const record of records) {
    paragraphs.push([
      `#${paragraphs.length + 1} ${describeState(record)}`,
      `   ${describeRelease(record)}`,
      `   ${await describePieces(db, record)}`,
      `   ${await describeFetch(record, registration)}`,
    ]);
  }
  return records.length > 0 ? paragraphs.flat() : ['none'];
}

function describeState({
  state,
  pauseReason,
  error,
  transport,
  bytesStored,
  bytesTotal,
}: DownloadRecord): string {
  const reason = pauseReason ?? error?.code;
  return `${state}${reason ? ` (${reason})` : ''} by ${transport}, ${bytesStored} of ${bytesTotal} bytes`;
}

function describeRelease({ release, manifest, createdAt, updatedAt }: DownloadRecord): string {
  const digest = manifest.download.digest.replace('sha256:', '').slice(0, DIGEST_CHARACTERS);
  const when = (ms: number) => new Date(ms).toISOString();
  return `release ${release} of digest ${digest}…, begun ${when(createdAt)}, changed ${when(updatedAt)}`;
}

async function describePieces(db: Database, record: DownloadRecord): Promise<string> {
  const { assets, blobs, stored } = await loadInventory(db, record);
  const wanted = new Set([...blobs.values()].flatMap(({ pieces }) => pieces.map(({ sha256 }) => sha256)));
  return `${assets.length} files, ${blobs.size} of ${new Set(record.hexes).size} piece lists, ${stored.size} of ${wanted.size} pieces`;
}

async function describeFetch(
  { backgroundFetchId }: DownloadRecord,
  registration: CapableRegistration | undefined,
): Promise<string> {
  if (backgroundFetchId === undefined) return 'no Background Fetch';
  const fetch = await backgroundFetchOf(registration)?.get(backgroundFetchId);
  if (!fetch) return 'Background Fetch noted, but gone from the browser';
  const { result, failureReason, downloaded, downloadTotal } = fetch;
  return `Background Fetch ${result || 'under way'} ${failureReason}, ${downloaded} of ${downloadTotal} bytes`;
}

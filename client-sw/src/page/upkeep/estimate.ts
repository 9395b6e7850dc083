/** What storage holds, and what a download would need. Reads only. */
import { prefersPieces } from '../../core/policy.ts';
import type { CapableRegistration } from '../../protocol/background-fetch.ts';
import type { Transport } from '../../protocol/download.ts';
import type { Database } from '../../storage/database.ts';
import { loadDownloads } from '../../storage/downloads.ts';
import { loadBlobs, loadStored } from '../../storage/pieces.ts';
import type { DownloadRecord } from '../../storage/schema.ts';
import { loadInventory, planInventory } from '../../transport/inventory.ts';
import type { DownloadEstimate, StorageEstimate } from '../api.ts';
import { backgroundFetchOf } from '../background-fetch.ts';
import { browserStorage, ROOM_FACTOR } from '../room.ts';

export async function estimateStorage(db: Database): Promise<StorageEstimate> {
  return { ...(await browserStorage()), stored: await sumStoredBytes(db) };
}

/** @param draft the download as it would be begun */
export async function estimateDownload(
  db: Database,
  draft: DownloadRecord,
  registration: CapableRegistration | undefined,
  wanted: Transport | 'auto' = 'auto',
): Promise<DownloadEstimate> {
  const { delivery } = draft.manifest.download;
  const inventory = await loadInventory(db, draft);
  const { bytesToFetch } = planInventory(inventory, delivery === 'parts' ? 'parts' : 'assets');
  const storage = await estimateStorage(db);
  const inBackground = backgroundFetchOf(registration) && !prefersPieces(delivery, draft.policy);
  const transport = wanted !== 'auto' ? wanted : inBackground ? 'background-fetch' : 'pieces';
  const { usage, quota } = storage;
  // Where Background Fetch has no room for its copies, pieces are fetched instead.
  const least = Math.ceil(bytesToFetch * ROOM_FACTOR[wanted === 'auto' ? 'pieces' : wanted]);
  return {
    ...storage,
    release: draft.release,
    bytesTotal: draft.bytesTotal,
    bytesToFetch,
    roomNeeded: Math.ceil(bytesToFetch * ROOM_FACTOR[transport]),
    fits: usage === undefined || quota === undefined ? undefined : least <= quota - usage,
  };
}

/** The stored pieces of all downloads, each once. */
async function sumStoredBytes(db: Database): Promise<number> {
  const records = await loadDownloads(db);
  const blobs = await loadBlobs(db, [...new Set(records.flatMap(({ hexes }) => hexes))]);
  const lengths = new Map(
    [...blobs.values()].flatMap(({ pieces }) =>
      pieces.map(({ sha256, length }) => [sha256, length] as const),
    ),
  );
  const stored = await loadStored(
    db,
    [...blobs.values()].flatMap(({ pieces }) => pieces),
  );
  return [...stored].reduce((sum, sha256) => sum + (lengths.get(sha256) ?? 0), 0);
}

/** What a download that begins has and lacks. Where something is stored, it first learns what its new files are made of. */
import { IntegrityError } from '../errors/integrity-error.ts';
import { NetworkError } from '../errors/network-error.ts';
import type { Database } from '../storage/database.ts';
import { loadDownloads } from '../storage/downloads.ts';
import { loadStored } from '../storage/pieces.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import type { Environment } from '../transport/environment.ts';
import { type Inventory, lacksLists, loadInventory } from '../transport/inventory.ts';
import { fetchPieceLists, loadPieceLists } from '../transport/piece-lists.ts';

/** A click is a click for five seconds: Background Fetch must be asked before they are over. */
const LONGEST_WAIT_MS = 3_000;

/**
 * Loads the inventory. Where something is stored already, of this download or of another, a new file may differ from it
 * in one piece only, and without the new piece lists all of it would be asked for: they are fetched, in one small request.
 * Parts cannot even be named without.
 * Nothing is written: whoever registers the download writes the lists with it.
 */
export async function takeInventory({ db }: Environment, record: DownloadRecord): Promise<Inventory> {
  const inventory = await loadInventory(db, record);
  if (!lacksLists(inventory) || !(await wantsLists(db, record))) return inventory;
  try {
    const lists = await loadPieceLists(record, inventory.index.url, AbortSignal.timeout(LONGEST_WAIT_MS));
    const stored = await loadStored(
      db,
      lists.flatMap(({ pieces }) => pieces),
    );
    return { ...inventory, blobs: new Map(lists.map((blob) => [blob.hex, blob])), stored };
  } catch (error) {
    // Then whole files are asked for, which needs no lists.
    if (!(error instanceof NetworkError || error instanceof IntegrityError)) throw error;
    console.info(`stowaway: no piece lists of ${record.id}`, error);
    return inventory;
  }
}

async function wantsLists(db: Database, { manifest }: DownloadRecord): Promise<boolean> {
  if (manifest.download.delivery === 'parts') return true;
  return (await loadDownloads(db)).some(({ bytesStored }) => bytesStored > 0);
}

/** Fetches the piece lists of a download, unless they are known. */
export async function fetchMissingLists({ db }: Environment, record: DownloadRecord): Promise<void> {
  const inventory = await loadInventory(db, record);
  if (lacksLists(inventory))
    await fetchPieceLists(db, record, inventory.index.url, AbortSignal.timeout(LONGEST_WAIT_MS));
}

/** What a download that begins has and lacks. An update first learns what its new files are made of. */
import { NetworkError } from '../errors/network-error.ts';
import { loadDownload } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import type { Environment } from '../transport/environment.ts';
import { type Inventory, loadInventory, planInventory } from '../transport/inventory.ts';
import { fetchPieceLists } from '../transport/piece-lists.ts';

/** A click is a click for five seconds: Background Fetch must be asked before they are over. */
const LONGEST_WAIT_MS = 3_000;

/**
 * Loads the inventory. Where something of this download is stored already, a new file may differ from it in one piece
 * only, and without the new piece lists all of it would be asked for: they are fetched, in one small request.
 */
export async function takeInventory(environment: Environment, record: DownloadRecord): Promise<Inventory> {
  const { db } = environment;
  const inventory = await loadInventory(db, record);
  if (!lacksLists(inventory) || !(await loadDownload(db, record.id))?.bytesStored) return inventory;
  try {
    await fetchMissingLists(environment, record, inventory);
  } catch (error) {
    // Then whole files are asked for, which needs no lists.
    if (!(error instanceof NetworkError)) throw error;
    console.info(`stowaway: the piece lists of ${record.id} did not come in time.`, error);
    return inventory;
  }
  return loadInventory(db, record);
}

/** Fetches the piece lists of a download, unless they are known. */
export async function fetchMissingLists(
  { db }: Environment,
  record: DownloadRecord,
  known?: Inventory,
): Promise<void> {
  const inventory = known ?? (await loadInventory(db, record));
  if (lacksLists(inventory))
    await fetchPieceLists(db, record, inventory.index.url, AbortSignal.timeout(LONGEST_WAIT_MS));
}

function lacksLists(inventory: Inventory): boolean {
  return planInventory(inventory, 'pieces').requests.some(({ kind }) => kind === 'index');
}

/**
 * What an open page does for a Background Fetch that runs: keeps what has arrived whole, and ends a fetch that the browser has
 * forgotten. (Chromium 156, where two connections break at once: one request is taken up again, cancelled, and never made anew.)
 */
import type { BackgroundFetchManager } from '../protocol/background-fetch.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { change } from '../transport/change.ts';
import type { Environment } from '../transport/environment.ts';
import { loadInventory } from '../transport/inventory.ts';
import { fetchPieceLists } from '../transport/piece-lists.ts';
import { salvageFinished } from '../transport/salvage.ts';

/** The piece lists are small. */
const LONGEST_ANSWER_MS = 10_000;
/** After a restart of the browser `downloaded` tells of whole answers only, and stands still while bytes come. */
const LEAST_MOVES = 10;

/** Fetches that this page has begun: the browser has not been restarted since. */
const begunHere = new Set<string>();

/** Notes that this page has begun a fetch. */
export function noteBegun(fetchId: string): void {
  begunHere.add(fetchId);
}

/**
 * What has arrived whole plays already, and outlives the fetch.
 * Where no bytes come it is told how often some have been seen to come (`moves`), and whether the server has answered when this was
 * asked a while ago (`answered`).
 * @returns whether the server has answered now; false where it was not asked
 * @throws NetworkError, StorageError and what else keeps it from looking
 */
export async function tendBackgroundFetch(
  environment: Environment,
  manager: BackgroundFetchManager,
  record: DownloadRecord,
  ...[moves, answered]: [] | [moves: number, answered: boolean]
): Promise<boolean> {
  const { id, backgroundFetchId = '' } = record;
  const current = await manager.get(backgroundFetchId);
  if (current?.result !== '') return false;
  const { downloaded } = current;
  await salvageFinished(environment, record, await current.matchAll());
  if (moves === undefined || (moves < LEAST_MOVES && !begunHere.has(backgroundFetchId))) return false;
  // A server that is away is what the browser waits for, too.
  const { url } = (await loadInventory(environment.db, record)).index;
  await fetchPieceLists(environment.db, record, url, AbortSignal.timeout(LONGEST_ANSWER_MS));
  if (!answered || current.downloaded !== downloaded || current.result !== '') return true;
  // First of all: the worker must find it waiting, and not take the end of the fetch for a person's wish.
  await change(environment, id, { type: 'pause', reason: 'offline' });
  await current.abort();
  return true;
}

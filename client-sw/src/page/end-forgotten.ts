/**
 * Ends a Background Fetch that the browser has forgotten. (Chromium 156, where two connections break at once: one request is taken
 * up again, cancelled, and never made anew.) One that may be healthy is left alone.
 */
import { NetworkError } from '../errors/network-error.ts';
import type { BackgroundFetchManager, BackgroundFetchRegistration } from '../protocol/background-fetch.ts';
import { loadDownload } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { change } from '../transport/change.ts';
import type { Environment } from '../transport/environment.ts';
import { fetchWhole } from '../transport/fetch-whole.ts';
import { findUnsettled } from '../transport/salvage.ts';
import type { Standstill } from './follow-background-fetch.ts';

/** One byte is asked for. */
const LONGEST_ANSWER_MS = 10_000;

/**
 * Fetches that this page has begun: the browser has not been restarted since. After a restart `downloaded` stands still while
 * bytes come, for requests that are taken up again tell nothing until they are whole.
 */
const begunHere = new Set<string>();

/** Notes that this page has begun a fetch. */
export function noteBegun(fetchId: string): void {
  begunHere.add(fetchId);
}

/**
 * Looks whether a fetch of which no bytes come is to be ended.
 * @param standstill its `answered`: whether the server has answered when this was asked a while ago
 * @returns whether the server has answered now; false where it was not asked
 * @throws NetworkError when it does not, StorageError, and what else keeps it from looking
 */
export async function endForgotten(
  environment: Environment,
  manager: BackgroundFetchManager,
  record: DownloadRecord,
  { moves, bytes, answered }: Standstill,
): Promise<boolean> {
  const { backgroundFetchId = '' } = record;
  // One that has not moved may wait for another fetch. Of one that was begun elsewhere nothing is known.
  if (moves === 0 || !begunHere.has(backgroundFetchId)) return false;
  const current = await manager.get(backgroundFetchId);
  if (current?.result !== '') return false;
  const moved = () => current.downloaded !== bytes;
  // To keep what had come takes a while, in which more may come. One that has all bytes may be being copied into the browser's storage.
  if (moved() || bytes >= current.downloadTotal) return false;
  const url = await findUnsettled(await current.matchAll());
  if (url === undefined) return false;
  await askServer(url, record.manifestUrl);
  if (answered && !moved() && current.result === '') await end(environment, record, current);
  return true;
}

/**
 * A server that is away is what the browser waits for, too. One that refuses is there.
 * @param other asked as well where the first seems away: a refusal without CORS (of a signature that has run out) reads the same
 * @throws NetworkError when there is no answer, or one of a server in trouble
 */
async function askServer(url: string, other?: string): Promise<void> {
  const patience = AbortSignal.timeout(LONGEST_ANSWER_MS);
  try {
    const { body, release } = await fetchWhole(url, patience, [0, 0]);
    release();
    await body.cancel();
  } catch (error) {
    if (!(error instanceof NetworkError) || error.status >= 500) throw error;
    if (error.status !== 0) return;
    // Silence is no refusal.
    if (other === undefined || patience.aborted) throw error;
    await askServer(other);
  }
}

/** Ends the fetch, unless the download has gone on in another way meanwhile. */
async function end(
  environment: Environment,
  { id, backgroundFetchId }: DownloadRecord,
  current: BackgroundFetchRegistration,
): Promise<void> {
  const now = await loadDownload(environment.db, id);
  if (now?.state !== 'downloading' || now.backgroundFetchId !== backgroundFetchId) return;
  // First of all: the worker must find it waiting, and not take the end of the fetch for a person's wish.
  await change(environment, id, { type: 'pause', reason: 'offline' });
  try {
    await current.abort();
  } catch (error) {
    await change(environment, id, { type: 'recover' });
    throw error;
  }
}

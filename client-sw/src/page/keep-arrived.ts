/** Keeps what has arrived whole of a Background Fetch that runs: it plays already, and outlives the fetch. */
import type { BackgroundFetchManager } from '../protocol/background-fetch.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import type { Environment } from '../transport/environment.ts';
import { salvageFinished } from '../transport/salvage.ts';

/** @throws StorageError, and what else keeps it from looking */
export async function keepArrived(
  environment: Environment,
  manager: BackgroundFetchManager,
  record: DownloadRecord,
): Promise<void> {
  const current = await manager.get(record.backgroundFetchId ?? '');
  if (current?.result === '') await salvageFinished(environment, record, await current.matchAll());
}

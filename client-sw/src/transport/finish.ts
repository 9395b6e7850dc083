/** The good end of a download. */
import { loadDownload } from '../storage/downloads.ts';
import { sweepUnneeded } from '../storage/sweep.ts';
import { change } from './change.ts';
import type { Environment } from './environment.ts';

/** Marks a download complete of which nothing is missing, and frees what a replaced release leaves behind. */
export async function finish(environment: Environment, id: string): Promise<void> {
  const record = await loadDownload(environment.db, id);
  if (!record) return;
  await change(
    environment,
    id,
    { type: 'complete' },
    { bytesStored: record.bytesTotal, backgroundFetchId: undefined },
  );
  await sweepUnneeded(environment.db);
}

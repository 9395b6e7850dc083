/** The good end of a download. */
import type { DownloadRecord } from '../storage/schema.ts';
import { sweepUnneeded } from '../storage/sweep.ts';
import { change } from './change.ts';
import type { Environment } from './environment.ts';

/**
 * Marks a download complete of which nothing is missing, and frees what a replaced release leaves behind.
 * @param record as it was when its pieces were counted: a release that took its place since then is not complete
 */
export async function finish(environment: Environment, record: DownloadRecord): Promise<void> {
  const { id, bytesTotal, manifest } = record;
  const end = { bytesStored: bytesTotal, backgroundFetchId: undefined, kept: undefined };
  await change(environment, id, { type: 'complete' }, end, manifest.download.digest);
  await sweepUnneeded(environment.db);
}

/**
 * Looks over what should be complete: pieces that browsers have evicted or cut short are found at start-up, and every byte
 * when a person asks. What is found missing makes the download `damaged`, and whoever runs downloads fetches the gaps.
 */
import { expiryOf, isExpired } from '../core/expiry.ts';
import { loadDownload, loadDownloads } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { type Audit, auditDownload } from '../transport/audit.ts';
import { change } from '../transport/change.ts';
import type { Environment } from '../transport/environment.ts';

/** At start-up: everything that is complete, by its lengths. */
export async function lookOverAll(environment: Environment, signal: AbortSignal): Promise<void> {
  for (const record of await loadDownloads(environment.db)) {
    if (signal.aborted) return;
    if (record.state !== 'complete') continue;
    // A clock that was turned back does not make the record younger.
    const now = Math.max(Date.now(), record.updatedAt);
    if (isExpired(expiryOf(record.manifest), now)) await change(environment, record.id, { type: 'expire' });
    else await lookOver(environment, record, 'lengths');
  }
}

/** One download. The ledger says afterwards what is really stored. */
export async function lookOver(
  environment: Environment,
  record: DownloadRecord,
  depth: 'lengths' | 'digests',
): Promise<Audit> {
  const audit = await auditDownload(environment.db, record, depth);
  const release = record.manifest.download.digest;
  const now = await loadDownload(environment.db, record.id);
  if (audit.bytesToRepair > 0 && now?.state === 'complete') {
    const { bytesStored } = audit;
    await change(environment, record.id, { type: 'damage' }, { bytesStored }, release);
  }
  return audit;
}

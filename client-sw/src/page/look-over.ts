/**
 * Looks over what should be complete: pieces that browsers have evicted or cut short are found at start-up, wrong bytes in another part of
 * what is stored at each start-up, and every byte when a person asks. What is found missing makes the download `damaged`, and whoever runs downloads fetches the gaps.
 */
import { expiryOf, isExpired } from '../core/expiry.ts';
import { loadDownload, loadDownloads } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { type Audit, auditDownload, type Sample } from '../transport/audit.ts';
import { change } from '../transport/change.ts';
import type { Environment } from '../transport/environment.ts';

/** What a start-up reads, of one download: a fraction of a second on a phone. */
const READ_BYTES = 32 * 1024 * 1024;

/** At start-up: everything that is complete, by its lengths, and a part of one download by its digests. */
export async function lookOverAll(environment: Environment, signal: AbortSignal): Promise<void> {
  const whole: DownloadRecord[] = [];
  for (const record of await loadDownloads(environment.db)) {
    if (signal.aborted) return;
    if (record.state !== 'complete') continue;
    // A clock that was turned back does not make the record younger.
    const now = Math.max(Date.now(), record.updatedAt);
    if (isExpired(expiryOf(record.manifest), now)) await change(environment, record.id, { type: 'expire' });
    else if ((await lookOver(environment, record, 'lengths')).bytesToRepair === 0) whole.push(record);
  }
  const record = whole[Math.floor(Math.random() * whole.length)];
  if (record && !signal.aborted)
    await lookOver(environment, record, { from: Math.random(), bytes: READ_BYTES });
}

/** One download. The ledger says afterwards what is really stored. */
export async function lookOver(
  environment: Environment,
  record: DownloadRecord,
  depth: 'lengths' | 'digests' | Sample,
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

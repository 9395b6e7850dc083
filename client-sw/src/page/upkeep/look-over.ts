/**
 * Looks over what should be complete: pieces that browsers have evicted or cut short are found at start-up, wrong bytes in another
 * part of what is stored each day, and every byte when a person asks. What is found missing makes the download `damaged`, and whoever
 * runs downloads fetches the gaps.
 */
import { expiryOf, isExpired } from '../../core/expiry.ts';
import { StowawayError } from '../../errors/stowaway-error.ts';
import type { Database } from '../../storage/database.ts';
import { loadDownload, loadDownloads, updateDownload } from '../../storage/downloads.ts';
import type { DownloadRecord } from '../../storage/schema.ts';
import { type Audit, auditDownload, type Sample } from '../../transport/audit.ts';
import { change } from '../../transport/change.ts';
import type { Environment } from '../../transport/environment.ts';
import { chooseSample } from './choose-sample.ts';

/** What is read a day, of one download: a fraction of a second on a phone. */
const READ_BYTES = 32 * 1024 * 1024;

/** At start-up: everything that is complete, by its lengths, and once a day a part of one download by its digests. */
export function lookOverAll(environment: Environment, signal: AbortSignal): Promise<void> {
  // A page that is closed while it reads has noted nothing: the next one reads instead.
  return navigator.locks.request('stowaway-sample', { ifAvailable: true }, async (lock) => {
    const all = await loadDownloads(environment.db);
    const whole = await expireSome(environment, all);
    const sampled = lock ? chooseSample(all, whole, Date.now()) : undefined;
    for (const record of whole) {
      if (signal.aborted) return;
      if (record !== sampled) await lookOver(environment, record, 'lengths');
    }
    if (!sampled || signal.aborted) return;
    const sample = { from: sampled.sampled?.next ?? 0, bytes: READ_BYTES };
    const { next = 0 } = await lookOver(environment, sampled, sample);
    await noteSample(environment.db, sampled.id, next);
  });
}

/** Those that are complete and may be played. */
async function expireSome(
  environment: Environment,
  all: readonly DownloadRecord[],
): Promise<DownloadRecord[]> {
  const valid: DownloadRecord[] = [];
  for (const record of all) {
    if (record.state !== 'complete') continue;
    // A clock that was turned back does not make the record younger.
    const now = Math.max(Date.now(), record.updatedAt);
    if (isExpired(expiryOf(record.manifest), now)) await change(environment, record.id, { type: 'expire' });
    else valid.push(record);
  }
  return valid;
}

async function noteSample(db: Database, id: string, next: number): Promise<void> {
  try {
    // Nothing that anybody sees of the download has changed.
    await updateDownload(db, id, ({ updatedAt }) => ({ sampled: { at: Date.now(), next }, updatedAt }));
  } catch (error) {
    if (!(error instanceof StowawayError)) throw error;
    console.info(`stowaway: cannot note what was read of ${id}`, error);
  }
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

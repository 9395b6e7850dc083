/**
 * The pieces transport: round after round until nothing is missing, with waits between those that failed. Runs in a
 * page or in the worker, one driver per download over all of them. All state is in the ledger: whoever comes next goes
 * on from there.
 */
import { decideRetry } from '../core/backoff.ts';
import { isUnfinished } from '../core/state.ts';
import { RemovedError } from '../errors/removed-error.ts';
import { StorageError } from '../errors/storage-error.ts';
import type { StowawayError } from '../errors/stowaway-error.ts';
import type { DownloadState } from '../protocol/download.ts';
import { loadDownload, updateDownload } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { announceRemoved, change, changeToFailed } from './change.ts';
import { obstacleNow } from './conditions.ts';
import type { Environment } from './environment.ts';
import { finish } from './finish.ts';
import { withDownloadLock } from './lock.ts';
import { Renewals } from './renewals.ts';
import { type RoundOutcome, runRound } from './round.ts';
import { waitForRetry } from './wait.ts';

/** Rounds of one driver after which stored pieces may be gone again. */
const MOST_LOSSES = 3;

/** States that say nothing yet of this driver's work. */
const OTHERWISE_BEGUN: readonly DownloadState[] = ['planned', 'verifying', 'damaged'];

/**
 * Drives one download until it is complete, failed, paused, removed, or `signal` says stop. Waits in line while another
 * context drives it.
 */
export async function driveDownload(
  environment: Environment,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await withDownloadLock(id, signal, () => repeatRounds(environment, id, signal));
  } catch (error) {
    await changeToFailed(environment, id, error);
    throw error;
  }
}

async function repeatRounds(environment: Environment, id: string, signal: AbortSignal): Promise<void> {
  const renewals = new Renewals();
  let losses = 0;
  while (!signal.aborted) {
    const record = await loadDownload(environment.db, id);
    if (!record) return announceRemoved(environment, id);
    if (!isUnfinished(record)) return;
    const obstacle = await obstacleNow(record.policy, record.pauseReason);
    if (obstacle) {
      await change(environment, id, { type: 'pause', reason: obstacle });
      return;
    }
    const outcome = await tryRound(environment, record, signal);
    if (signal.aborted) return;
    if (!outcome) continue;
    if (outcome.complete) return finish(environment, record);
    // Without a fault something is missing all the same: it is fetched again, but not for ever.
    if (!outcome.error && ++losses > MOST_LOSSES) throw new StorageError('keep what it had stored');
    const attempts = outcome.progressed ? 1 : (record.attempts ?? 0) + 1;
    await updateDownload(environment.db, id, () => ({ attempts }));
    if (await renewals.renew(environment.db, record, outcome, attempts, signal)) continue;
    if (!(await prepareRetry(environment, id, outcome.error, attempts, signal))) return;
  }
}

/** undefined: the download, or the release that it was of, is gone. */
async function tryRound(
  environment: Environment,
  record: DownloadRecord,
  signal: AbortSignal,
): Promise<RoundOutcome | undefined> {
  const { id } = record;
  if (OTHERWISE_BEGUN.includes(record.state) || record.transport !== 'pieces') {
    await change(environment, id, { type: 'start' }, { transport: 'pieces', backgroundFetchId: undefined });
  }
  let recovery: Promise<unknown> | undefined;
  try {
    const outcome = await runRound(environment, record, signal, () => {
      recovery ??= change(environment, id, { type: 'recover' });
    });
    await recovery;
    return outcome;
  } catch (error) {
    if (error instanceof RemovedError) return undefined;
    throw error;
  }
}

/** Waits for the next try; false when there will be none. */
async function prepareRetry(
  environment: Environment,
  id: string,
  error: StowawayError | undefined,
  attempts: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (!error) return true;
  const decision = decideRetry(error, attempts, Math.random());
  if (decision.kind === 'give-up') {
    await changeToFailed(environment, id, error);
    return false;
  }
  // One broken connection is no outage: say so only when trying again brought nothing.
  if (decision.offline && (attempts > 1 || !navigator.onLine)) {
    await change(environment, id, { type: 'pause', reason: 'offline' });
  }
  await waitForRetry(decision.delayMs, signal);
  return true;
}

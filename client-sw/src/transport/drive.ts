/**
 * The pieces transport: round after round until nothing is missing, with waits between those that failed. Runs in a
 * page or in the worker, one driver per download over all of them. All state is in the ledger: whoever comes next goes
 * on from there.
 */
import { decideRetry } from '../core/backoff.ts';
import { isUnfinished } from '../core/state.ts';
import { RemovedError } from '../errors/removed-error.ts';
import type { StowawayError } from '../errors/stowaway-error.ts';
import { loadDownload } from '../storage/downloads.ts';
import { change } from './change.ts';
import type { Environment } from './environment.ts';
import { finish } from './finish.ts';
import { withDownloadLock } from './lock.ts';
import { type RoundOutcome, runRound } from './round.ts';
import { waitForRetry } from './wait.ts';

export { fetchPieceLists } from './piece-lists.ts';

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
    // Nobody awaits a driver: what it cannot cope with must be seen at the download itself.
    const { code = 'internal', message = String(error) } = error as Partial<StowawayError>;
    await change(environment, id, { type: 'fail', error: { code, message } });
    throw error;
  }
}

async function repeatRounds(environment: Environment, id: string, signal: AbortSignal): Promise<void> {
  let attempts = 0;
  while (!signal.aborted) {
    const outcome = await tryRound(environment, id, signal);
    if (outcome === undefined || signal.aborted) return;
    if (outcome.complete) return finish(environment, id);
    attempts = outcome.progressed ? 1 : attempts + 1;
    if (!(await prepareRetry(environment, id, outcome.error, attempts, signal))) return;
  }
}

/** undefined: there is nothing to do here any longer. */
async function tryRound(
  environment: Environment,
  id: string,
  signal: AbortSignal,
): Promise<RoundOutcome | undefined> {
  const record = await loadDownload(environment.db, id);
  if (!record || !isUnfinished(record)) return undefined;
  if (record.state === 'planned' || record.state === 'verifying' || record.transport !== 'pieces') {
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
    await change(environment, id, { type: 'fail', error: { code: error.code, message: error.message } });
    return false;
  }
  // One broken connection is no outage: say so only when trying again brought nothing.
  if (decision.offline && (attempts > 1 || !navigator.onLine)) {
    await change(environment, id, { type: 'pause', reason: 'offline' });
  }
  await waitForRetry(decision.delayMs, signal);
  return true;
}

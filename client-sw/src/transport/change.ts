/** Changes a download in the ledger and tells everybody. */
import { tagOf } from '../core/address.ts';
import type { StateEvent } from '../core/state.ts';
import type { StowawayError } from '../errors/stowaway-error.ts';
import type { Digest } from '../protocol/manifest.ts';
import { applyEvent, describe, loadDownload } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import type { Environment } from './environment.ts';

/** Tells everybody how a download stands. */
export function announceChange(environment: Environment, record: DownloadRecord, bytesInFlight = 0): void {
  environment.announce({ type: 'changed', download: describe(record, Math.max(0, bytesInFlight)) });
}

/** Applies an event and tells everybody; undefined when the download is gone. */
export async function change(
  environment: Environment,
  id: string,
  ...event: [StateEvent, Partial<DownloadRecord>?, Digest?]
): Promise<DownloadRecord | undefined> {
  const outcome = await applyEvent(environment.db, id, ...event);
  if (outcome?.applied) announceChange(environment, outcome.record);
  return outcome?.record;
}

/** Nobody awaits a driver: what it cannot cope with must be seen at the download itself. */
export async function changeToFailed(environment: Environment, id: string, cause: unknown): Promise<void> {
  const { code = 'internal', message = String(cause) } = cause as Partial<StowawayError>;
  const error = { code, message };
  try {
    await change(environment, id, { type: 'fail', error });
  } catch (fault) {
    // A browser without room takes not even this note. People must be told all the same.
    console.warn(`stowaway: cannot note that ${id} failed`, fault);
    const record = await loadDownload(environment.db, id);
    if (record) announceChange(environment, { ...record, state: 'failed', error });
  }
}

/** Tells everybody that a download is gone: removed by a person, or by a browser that has cleared its storage. */
export function announceRemoved(environment: Environment, id: string): void {
  environment.announce({ type: 'removed', id, tag: tagOf(id) });
}

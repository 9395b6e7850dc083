/** Changes a download in the ledger and tells everybody. */
import { applyEvent, describe } from '../storage/downloads.ts';
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
  ...event: [Parameters<typeof applyEvent>[2], Parameters<typeof applyEvent>[3]?]
): Promise<DownloadRecord | undefined> {
  const outcome = await applyEvent(environment.db, id, ...event);
  if (outcome?.applied) announceChange(environment, outcome.record);
  return outcome?.record;
}

/**
 * The end of a Background Fetch. Success, failure and abort are treated alike, because none of them can be believed:
 * every record is checked by status, length and digest, what is right is kept, and the rest is fetched by pieces.
 */
import { isUnfinished, type StateEvent } from '../core/state.ts';
import { RemovedError } from '../errors/removed-error.ts';
import type {
  BackgroundFetchEvent,
  BackgroundFetchFailureReason,
  BackgroundFetchUpdateUIEvent,
} from '../protocol/background-fetch.ts';
import { loadByBackgroundFetch, updateDownload } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { change, changeToFailed } from '../transport/change.ts';
import { finish } from '../transport/finish.ts';
import { preferringDownloadLock } from '../transport/lock.ts';
import { salvageRecords } from '../transport/salvage.ts';
import type { WorkerEnvironment } from './options.ts';
import { DEADLINE_MS, driveUntilDeadline, isFetching, registerSync } from './sync.ts';

/** For `backgroundfetchsuccess`, `…fail` and `…abort`. Records die with the event: all work is inside `waitUntil`. */
export function onBackgroundFetchEnd(
  environment: WorkerEnvironment,
  event: BackgroundFetchEvent | BackgroundFetchUpdateUIEvent,
): void {
  event.waitUntil(settle(environment, event));
}

/** Opens the page of downloads, or brings it to the front. */
export function onBackgroundFetchClick(environment: WorkerEnvironment, event: BackgroundFetchEvent): void {
  const { scope, downloadsUrl } = environment;
  const show = async () => {
    const windows = await scope.clients.matchAll({ type: 'window' });
    const open = windows.find((client) => client.url.startsWith(downloadsUrl));
    await (open ? open.focus() : scope.clients.openWindow(downloadsUrl));
  };
  event.waitUntil(show());
}

async function settle(
  environment: WorkerEnvironment,
  event: BackgroundFetchEvent | BackgroundFetchUpdateUIEvent,
): Promise<void> {
  const record = await loadByBackgroundFetch(environment.db, event.registration.id);
  if (!record) return;
  const { id } = record;
  // First of all: a worker that is killed while it verifies is woken again by the sync.
  await registerSync(environment, id);
  try {
    // The lock first: pages that see the fetch end wait for it before they fetch anything themselves.
    const rest = await preferringDownloadLock(id, () => verify(environment, event, record));
    if (!rest) return;
  } catch (error) {
    if (error instanceof RemovedError) return;
    await changeToFailed(environment, id, error);
    throw error;
  }
  // The browser's own copies go with this event. Where there is too little room, page or sync go on when they are gone.
  if (event.registration.failureReason === 'quota-exceeded') return;
  await driveUntilDeadline(environment, id, DEADLINE_MS);
}

/** Keeps what is good. True when the rest is to be fetched by pieces. */
async function verify(
  environment: WorkerEnvironment,
  event: BackgroundFetchEvent | BackgroundFetchUpdateUIEvent,
  record: DownloadRecord,
): Promise<boolean> {
  const { registration } = event;
  // After a quick pause and resume a new fetch of the same id runs: then only keep what is good.
  const superseded = await isFetching(environment, registration.id);
  if (!superseded) await change(environment, record.id, endEvent(registration.failureReason));
  const complete = await salvageRecords(environment, record, await registration.matchAll());
  if (complete) {
    await finish(environment, record);
    if ('updateUI' in event) await event.updateUI({ title: record.title });
  }
  if (complete || superseded) return false;
  const rest = { transport: 'pieces', backgroundFetchId: undefined } as const;
  const now = await change(environment, record.id, { type: 'continue' }, rest);
  // What waits for a better network goes on by itself, by pieces: nothing is to be awaited of the fetch any more.
  if (now?.state === 'paused' && isUnfinished(now))
    await updateDownload(environment.db, record.id, ({ state }) => (state === 'paused' ? rest : {}));
  return now?.state === 'downloading';
}

function endEvent(reason: BackgroundFetchFailureReason): StateEvent {
  return reason === 'aborted' ? { type: 'pause', reason: 'browser' } : { type: 'verify' };
}

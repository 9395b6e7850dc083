/** Moving pieces while no page does: on Background Sync, on a page's last words, and after a Background Fetch. */
import { isUnfinished } from '../core/state.ts';
import type { CapableRegistration, SyncEvent } from '../protocol/background-fetch.ts';
import { NAME_PREFIX, type WorkerMessage } from '../protocol/messages.ts';
import { loadDownload } from '../storage/downloads.ts';
import { driveDownload } from '../transport/drive.ts';
import type { WorkerEnvironment } from './options.ts';

/** Chromium ends an event after five minutes: stop in time to say so. */
export const DEADLINE_MS = 240_000;
/** Firefox ends one after a minute. */
const MESSAGE_DEADLINE_MS = 45_000;

/** While a page drives, this waits in line for its lock, and takes over when the page is closed. */
export function onSync(environment: WorkerEnvironment, event: SyncEvent): void {
  if (!event.tag.startsWith(NAME_PREFIX)) return;
  const id = event.tag.slice(NAME_PREFIX.length);
  event.waitUntil(
    driveUntilDeadline(environment, id, DEADLINE_MS).then((settled) => {
      // A rejected sync is the only one that the browser repeats.
      if (!settled) throw new Error(`Download ${id} is not finished yet.`);
    }),
  );
}

export function onMessage(environment: WorkerEnvironment, event: ExtendableMessageEvent): void {
  const message = event.data as Partial<WorkerMessage> | null;
  if (message?.type !== 'stowaway-resume' || typeof message.id !== 'string') return;
  event.waitUntil(driveUntilDeadline(environment, message.id, MESSAGE_DEADLINE_MS));
}

/** Asks the browser to wake the worker when there is a network, where it can. */
export async function registerSync({ scope }: WorkerEnvironment, id: string): Promise<void> {
  try {
    await (scope.registration as CapableRegistration).sync?.register(NAME_PREFIX + id);
  } catch (error) {
    // Refused by permission or by the browser's settings: the next visit goes on instead.
    console.info(`stowaway: no Background Sync for ${id}`, error);
  }
}

/** Whether a Background Fetch of this id is under way. */
export async function isFetching({ scope }: WorkerEnvironment, fetchId: string): Promise<boolean> {
  const current = await (scope.registration as CapableRegistration).backgroundFetch?.get(fetchId);
  return current?.result === '';
}

/** A sync may be left over from an earlier try, and must not move the same bytes beside a Background Fetch. */
async function isCarriedByBackgroundFetch(environment: WorkerEnvironment, id: string): Promise<boolean> {
  const fetchId = (await loadDownload(environment.db, id))?.backgroundFetchId;
  return fetchId !== undefined && isFetching(environment, fetchId);
}

/** Drives until done or `deadlineMs` has passed. True when nothing is left to do. */
export async function driveUntilDeadline(
  environment: WorkerEnvironment,
  id: string,
  deadlineMs: number,
): Promise<boolean> {
  if (await isCarriedByBackgroundFetch(environment, id)) return true;
  if (!environment.drivers.has(id)) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), deadlineMs);
    environment.drivers.set(id, controller);
    try {
      await driveDownload(environment, id, controller.signal);
    } finally {
      clearTimeout(timer);
      environment.drivers.delete(id);
    }
  }
  const record = await loadDownload(environment.db, id);
  return !record || !isUnfinished(record);
}

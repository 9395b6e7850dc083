/** Whether a download fits, and asking the browser to keep what is stored. */
import { QuotaError } from '../errors/quota-error.ts';
import type { Transport } from '../protocol/download.ts';
import type { StorageEstimate } from './api.ts';

/**
 * Peak room per byte fetched. Background Fetch holds its own copy beside ours while the worker verifies; the pieces
 * transport needs little more than the bytes, and a progressive one takes what there is.
 */
export const ROOM_FACTOR: Record<Transport, number> = { 'background-fetch': 3, pieces: 1.1, progressive: 0 };

/** What the browser tells of this origin's storage. */
export async function browserStorage(): Promise<Omit<StorageEstimate, 'stored'>> {
  // Absent in WebKitGTK and outside secure contexts.
  const storage: StorageManager | undefined = navigator.storage;
  const { usage, quota } = (await storage?.estimate?.()) ?? {};
  const persisted = await storage?.persisted?.();
  return {
    ...(usage !== undefined && { usage }),
    ...(quota !== undefined && { quota }),
    ...(persisted !== undefined && { persisted }),
  };
}

/** The shortage as an error, or undefined when it fits or the browser does not tell. */
export async function findShortage(
  bytesToFetch: number,
  transport: Transport,
): Promise<QuotaError | undefined> {
  const { usage, quota } = await browserStorage();
  if (usage === undefined || quota === undefined) return undefined;
  const needed = Math.ceil(bytesToFetch * ROOM_FACTOR[transport]);
  const available = Math.max(0, quota - usage);
  return needed > available ? new QuotaError(needed, available) : undefined;
}

/** Asks once the person has shown that it matters. Not awaited: some browsers ask the person, who may not answer. */
export function askToPersist(): void {
  const storage: StorageManager | undefined = navigator.storage;
  storage?.persist?.().catch((error) => console.info('stowaway: storage may be evicted', error));
}

/** Whether a download fits, and asking the browser to keep what is stored. */
import { QuotaError } from '../errors/quota-error.ts';
import type { Transport } from '../protocol/download.ts';
import { withLimit } from '../transport/limit.ts';
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

/** A person who is asked may never answer. */
const LONGEST_ANSWER_MS = 20_000;

/**
 * Asks for storage to be kept for good, which in Firefox also lifts the quota. Some browsers ask the person: only for a download
 * that somebody has asked for.
 * @returns resolves once that is answered, has taken too long or is not waited for any more (`signal`), and never rejects
 */
export async function askToPersist(signal: AbortSignal): Promise<void> {
  const storage: StorageManager | undefined = navigator.storage;
  try {
    const givenUp = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await withLimit(Promise.race([storage?.persist?.(), givenUp]), LONGEST_ANSWER_MS);
  } catch (error) {
    console.info('stowaway: storage may be evicted', error);
  }
}

/** One driver per download, and one request per run of pieces, over all tabs and the worker. */
import { gridGroups } from '../core/plan.ts';
import { NAME_PREFIX } from '../protocol/messages.ts';
import type { BlobRecord } from '../storage/schema.ts';

/**
 * Runs `body` once this context holds the download's lock; the others wait in line and take over when it lets go.
 * Returns undefined when `signal` ended the wait.
 */
export function withDownloadLock<T>(
  id: string,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T | undefined> {
  return untilStopped(signal, NAME_PREFIX + id, () => untilStopped(signal, keepLock(id), body));
}

/**
 * Runs `body` unless somebody drives the download, or does the same in another tab. A driver that comes meanwhile waits: it
 * would ask for what `body` is about to store.
 */
export async function unlessDriven(id: string, body: () => Promise<void>): Promise<void> {
  await navigator.locks.request(keepLock(id), { ifAvailable: true }, async (lock) => {
    if (lock) await body();
  });
}

/** Not the download's own lock: whoever verifies the end of a Background Fetch must never find that one taken by a page. */
function keepLock(id: string): string {
  return `stowaway-keep:${id}`;
}

/** Runs `body` under the lock if it is free, and without it otherwise: for work that does no harm beside a driver. */
export function preferringDownloadLock<T>(id: string, body: () => Promise<T>): Promise<T> {
  return navigator.locks.request(NAME_PREFIX + id, { ifAvailable: true }, body);
}

/**
 * Runs `body` while nobody else asks for the group of pieces that this one belongs to: a player and a driver never fetch
 * the same piece twice. `body` has to look first what has been stored meanwhile. undefined when `signal` ended the wait.
 */
export async function withRunLock<T>(
  blob: BlobRecord,
  piece: number,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T | undefined> {
  const group = gridGroups(blob.pieces)
    .filter(([first]) => first <= piece)
    .at(-1);
  return untilStopped(signal, `stowaway-run:${blob.hex}:${group?.[0]}`, body);
}

/** undefined when `signal` ended the wait. */
async function untilStopped<T>(
  signal: AbortSignal,
  name: string,
  body: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await navigator.locks.request(name, { signal }, body);
  } catch (error) {
    if (signal.aborted && (error as DOMException).name === 'AbortError') return undefined;
    throw error;
  }
}

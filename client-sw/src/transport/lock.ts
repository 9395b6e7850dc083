/** One driver per download, over all tabs and the worker. */
import { NAME_PREFIX } from '../protocol/messages.ts';

/**
 * Runs `body` once this context holds the download's lock; the others wait in line and take over when it lets go.
 * Returns undefined when `signal` ended the wait.
 */
export async function withDownloadLock<T>(
  id: string,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await navigator.locks.request(NAME_PREFIX + id, { signal }, body);
  } catch (error) {
    if (signal.aborted && (error as DOMException).name === 'AbortError') return undefined;
    throw error;
  }
}

/** Runs `body` under the lock if it is free, and without it otherwise: for work that does no harm beside a driver. */
export function preferringDownloadLock<T>(id: string, body: () => Promise<T>): Promise<T> {
  return navigator.locks.request(NAME_PREFIX + id, { ifAvailable: true }, body);
}

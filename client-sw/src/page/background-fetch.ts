/** The page's half of a Background Fetch that runs: progress, abort. The worker does the rest. */
import type {
  BackgroundFetchManager,
  BackgroundFetchRegistration,
  CapableRegistration,
} from '../protocol/background-fetch.ts';

/** How often a running fetch is looked at when it is silent: silence alone proves nothing. */
const LOOK_INTERVAL_MS = 10_000;

/** The manager, where this browser has one and a worker to tell. */
export function backgroundFetchOf(
  registration: CapableRegistration | undefined,
): BackgroundFetchManager | undefined {
  return registration?.active ? registration.backgroundFetch : undefined;
}

/** Ends the fetch of this id, if there is one. The worker keeps what has arrived. */
export async function abortBackgroundFetch(
  manager: BackgroundFetchManager | undefined,
  id: string | undefined,
): Promise<void> {
  if (id !== undefined) await (await manager?.get(id))?.abort();
}

/**
 * Calls `onProgress` with the bytes that have arrived, until the fetch is over or `signal` is aborted. Resolves with
 * whether there was a fetch to follow.
 */
export async function followBackgroundFetch(
  manager: BackgroundFetchManager,
  id: string,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let followed = false;
  while (!signal.aborted) {
    const current = await manager.get(id);
    if (current?.result !== '') break;
    followed = true;
    onProgress(current.downloaded);
    await silence(current, onProgress, signal);
  }
  return followed;
}

/** Resolves after a while without progress, or when the result is there. */
function silence(
  registration: BackgroundFetchRegistration,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      registration.removeEventListener('progress', listen);
      signal.removeEventListener('abort', end);
      resolve();
    };
    let timer = setTimeout(end, LOOK_INTERVAL_MS);
    const listen = () => {
      if (registration.result !== '') return end();
      onProgress(registration.downloaded);
      clearTimeout(timer);
      timer = setTimeout(end, LOOK_INTERVAL_MS);
    };
    registration.addEventListener('progress', listen);
    signal.addEventListener('abort', end);
  });
}

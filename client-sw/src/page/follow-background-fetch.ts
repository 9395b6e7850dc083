/** Follows a Background Fetch that runs: its bytes, and that none come. The worker does what is to be done at its end. */
import type { BackgroundFetchManager, BackgroundFetchRegistration } from '../protocol/background-fetch.ts';

/** How often a running fetch is looked at when it is silent: silence alone proves nothing. */
const LOOK_INTERVAL_MS = 10_000;
/** So many looks in a row that saw it stand still are told of. Chromium itself waits 20 s between its tries. */
const STILL_LOOKS = 9;

/** A fetch of which no bytes come for a while. */
export interface Standstill {
  /** How often some have been seen to come. */
  moves: number;
  /** How many there were all the while. */
  bytes: number;
  /** What `onStill` gave the time before, if it is the same standstill. */
  answered?: boolean | undefined;
}

/**
 * Calls `onProgress` with the bytes that have arrived, until the fetch is over or `signal` is aborted. Resolves with
 * whether there was a fetch to follow.
 * @param onStill told when no bytes come, and again while none do
 */
export async function followBackgroundFetch(
  manager: BackgroundFetchManager,
  id: string,
  onProgress: (bytes: number) => void,
  onStill: (standstill: Standstill) => Promise<boolean | undefined>,
  signal: AbortSignal,
): Promise<boolean> {
  let followed = false;
  let moves = 0;
  let looks = 0;
  let seen = 0;
  let answered: boolean | undefined;
  const startAnew = () => {
    looks = 0;
    answered = undefined;
  };
  const note = (bytes: number) => {
    if (bytes !== seen) {
      moves += 1;
      startAnew();
    }
    seen = bytes;
    onProgress(bytes);
  };
  while (!signal.aborted) {
    const current = await manager.get(id);
    if (current?.result !== '') break;
    followed = true;
    looks += 1;
    note(current.downloaded);
    if (looks > STILL_LOOKS) {
      looks = 0;
      answered = await onStill({ moves, bytes: seen, answered });
    }
    const sinceMs = performance.now();
    await silence(current, note, signal);
    // A page that was asleep has seen nothing.
    if (performance.now() - sinceMs > 2 * LOOK_INTERVAL_MS) startAnew();
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

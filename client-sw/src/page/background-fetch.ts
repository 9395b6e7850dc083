/** The page's half of Background Fetch: starting in the click, progress, abort. The worker does the rest. */
import type { Plan } from '../core/plan.ts';
import type {
  BackgroundFetchManager,
  BackgroundFetchRegistration,
  CapableRegistration,
} from '../protocol/background-fetch.ts';
import type { BackgroundFetchOptions } from '../protocol/manifest.ts';
import type { DownloadRecord } from '../storage/schema.ts';

/** How often a running fetch is looked at when it is silent: silence alone proves nothing. */
const LOOK_INTERVAL_MS = 10_000;

/** The manager, where this browser has one and a worker to tell. */
export function backgroundFetchOf(
  registration: CapableRegistration | undefined,
): BackgroundFetchManager | undefined {
  return registration?.active ? registration.backgroundFetch : undefined;
}

/**
 * Starts one fetch with the whole list. Rejects with whatever the browser says: it says different things for the same
 * refusal, and each means "use the other transport".
 */
export async function startBackgroundFetch(
  manager: BackgroundFetchManager,
  record: DownloadRecord,
  plan: Plan,
  { id, title, icons }: BackgroundFetchOptions,
): Promise<void> {
  await abortStale(manager, id);
  await manager.fetch(
    id,
    plan.requests.map((request) => request.url),
    {
      title,
      icons: (icons ?? []).map((icon) => ({ ...icon, src: new URL(icon.src, record.manifestUrl).href })),
      downloadTotal: plan.bytesToFetch,
    },
  );
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

/** Fetches of this server's tag and selection that belong to another release, or to a try that is over. */
async function abortStale(manager: BackgroundFetchManager, id: string): Promise<void> {
  for (const other of await manager.getIds()) {
    if (withoutDigest(other) === withoutDigest(id)) await (await manager.get(other))?.abort();
  }
}

/** Of `tag@digest`, `tag@digest+selection`, and both with `@server`. */
function withoutDigest(id: string): string {
  return id.replace(/@[^+@]*/, '');
}

/** Finds and ends Background Fetches. The worker does the rest. */
import type { BackgroundFetchManager, CapableRegistration } from '../protocol/background-fetch.ts';

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

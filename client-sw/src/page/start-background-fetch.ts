/** Starts a Background Fetch, in the click. Part of what is loaded with the first manifest. */
import type { Plan } from '../core/plan.ts';
import type { BackgroundFetchManager } from '../protocol/background-fetch.ts';
import type { BackgroundFetchOptions } from '../protocol/manifest.ts';
import type { DownloadRecord } from '../storage/schema.ts';

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

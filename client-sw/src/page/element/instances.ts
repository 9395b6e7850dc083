/** Which library instance an element uses: its own, the page's, or one per server that elements share. */
import { withSlash } from '../../core/address.ts';
import type { Downloads } from '../api.ts';
import { createDownloads } from '../index.ts';

const byServer = new Map<string, Downloads>();
const waiting = new Set<() => void>();
let pageDownloads: Downloads | undefined;

/** All elements that were not given an instance share this one. Call it once, when the page's script starts. */
export function useDownloads(downloads: Downloads): void {
  pageDownloads = downloads;
  // A copy: whoever binds again waits again.
  for (const rebind of [...waiting]) rebind();
}

/**
 * The instance for a server (undefined: the page's own, or this page's origin). Where the page has named one, the
 * others share its worker: two of one scope would replace each other.
 */
export function downloadsFor(server: string | undefined): Downloads {
  const address = server === undefined ? undefined : withSlash(new URL(server, location.href));
  const page = pageDownloads;
  if (page && (address === undefined || address === page.server)) return page;
  const key = address ?? '';
  const known =
    byServer.get(key) ??
    createDownloads({
      ...(address !== undefined && { server: address }),
      ...(page && { serviceWorker: page.ready.then(() => page.serviceWorker) }),
    });
  byServer.set(key, known);
  return known;
}

/** Calls back when the page names its instance. */
export function onPageDownloads(rebind: () => void): () => void {
  waiting.add(rebind);
  return () => waiting.delete(rebind);
}

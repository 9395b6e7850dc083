/** Which library instance an element uses: its own, the page's, or one per server that elements share. */

import type { Downloads } from '../api.ts';
import { createDownloads } from '../index.ts';

const byServer = new Map<string, Downloads>();
const waiting = new Set<() => void>();
let pageDownloads: Downloads | undefined;

/** All elements that were not given an instance share this one. Call it once, when the page's script starts. */
export function useDownloads(downloads: Downloads): void {
  pageDownloads = downloads;
  for (const rebind of waiting) rebind();
}

/** The instance for a server (undefined: this page's origin). */
export function downloadsFor(server: string | undefined): Downloads {
  if (server === undefined && pageDownloads) return pageDownloads;
  const key = server ?? '';
  const known = byServer.get(key) ?? createDownloads(server === undefined ? {} : { server });
  byServer.set(key, known);
  return known;
}

/** Calls back when the page names its instance. */
export function onPageDownloads(rebind: () => void): () => void {
  waiting.add(rebind);
  return () => waiting.delete(rebind);
}

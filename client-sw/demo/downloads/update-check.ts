// Finds out whether a newer release of a download is out, and how much of it would be new here.

import type { Download, Manifest } from 'stowaway-client';
import { fetchDocument, fetchRevalidated } from '../documents/fetch-document.ts';
import { asAmount, asRecord, asRecords, asText } from '../documents/json-reading.ts';

export interface Update {
  readonly release: number;
  /** At most so many bytes must be fetched: what is cut into pieces may share more. */
  readonly bytes: number;
  /** What the offer is about, and what a click on it starts, without waiting. */
  readonly manifest: Manifest;
}

/** Undefined where what is stored is the current release. The server is asked even if the browser's cache has an answer. */
export async function findUpdate(download: Download): Promise<Update | undefined> {
  const { document: current } = await fetchDocument(download.manifestUrl, fetchRevalidated);
  const release = asAmount(asRecord(asRecord(current)?.download)?.release) ?? 0;
  if (release <= download.release) return undefined;
  const storedHref = new URL(`releases/${download.release}/manifest.json`, download.manifestUrl).href;
  const { document: stored } = await fetchDocument(storedHref);
  const bytes = countNewBytes(stored, current, download.selection) + indexBytesOf(current);
  // It has a release: it is what the server calls a manifest, and the library checks the rest.
  return { release, bytes, manifest: current as Manifest };
}

/** The sizes of what `current` has in `selection` and `stored` has not, by digest. Pure. */
export function countNewBytes(stored: unknown, current: unknown, selection: string): number {
  const had = new Set(listFiles(stored).map((file) => file.digest));
  const wanted = new Set(hrefsOf(current, selection));
  const fresh = new Map<string, number>();
  for (const { digest, href, size } of listFiles(current)) {
    if (!had.has(digest) && wanted.has(href)) fresh.set(digest, size);
  }
  return [...fresh.values()].reduce((total, size) => total + size, 0);
}

/** The release piece index is new with every release, and fetched with it. */
function indexBytesOf(manifest: unknown): number {
  return asAmount(asRecord(asRecord(asRecord(manifest)?.download)?.pieces)?.size) ?? 0;
}

interface File {
  readonly digest: string;
  readonly href: string;
  readonly size: number;
}

function hrefsOf(manifest: unknown, selection: string): string[] {
  const selections = asRecords(asRecord(asRecord(manifest)?.download)?.selections);
  const chosen = selections.find((candidate) => candidate.id === selection);
  return Array.isArray(chosen?.hrefs)
    ? chosen.hrefs.filter((href): href is string => typeof href === 'string')
    : [];
}

/** Every file of a manifest, however deep: lessons, their alternates, resources. */
function listFiles(manifest: unknown): File[] {
  const root = asRecord(manifest);
  const files: File[] = [];
  const pending = [...asRecords(root?.readingOrder), ...asRecords(root?.resources)];
  for (let link = pending.pop(); link !== undefined; link = pending.pop()) {
    pending.push(...asRecords(link.children), ...asRecords(link.alternate));
    const digest = asText(asRecord(link.properties)?.digest);
    const href = asText(link.href);
    if (digest !== undefined && href !== undefined)
      files.push({ digest, href, size: asAmount(link.size) ?? 0 });
  }
  return files;
}

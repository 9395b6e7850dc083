// What this browser keeps, in the shape that the library shows: for the time that the server is away.

import type { Downloads } from 'stowaway-client';
import type { CatalogueEntry } from '../documents/catalogue.ts';
import { present } from '../documents/json-reading.ts';
import { coverOf, listItems, type Outline } from '../documents/outline.ts';
import { loadOutline } from '../session/load-outline.ts';

/** One entry per tag of which anything is stored. A tag whose manifest is lost is named by its download alone. */
export async function loadKeptEntries(downloads: Downloads): Promise<CatalogueEntry[]> {
  const stored = (await downloads.list()).filter((download) => download.bytesStored > 0);
  const byTag = new Map(stored.map((download) => [download.tag, download]));
  return Promise.all(
    [...byTag.values()].map(async ({ tag, title }) => {
      try {
        return entryOf(await loadOutline(downloads, tag));
      } catch (cause) {
        console.warn(`Stowaway: the manifest of ${tag} is not to be had.`, cause);
        return { tag, title, kind: { name: 'Download', item: 'item' } };
      }
    }),
  );
}

/** A catalogue entry, as the server would give it, from a manifest. Pure. */
export function entryOf(outline: Outline): CatalogueEntry {
  return {
    tag: outline.tag,
    title: outline.title,
    kind: outline.kind,
    itemCount: listItems(outline).length,
    ...present('author', outline.author),
    ...present('description', outline.description),
    ...present('duration', outline.duration),
    ...present('downloadTotal', outline.downloadTotal),
    ...present('coverHref', coverOf(outline)?.href),
  };
}

// Reads the catalogue (OPDS 2.0): which tags there are, and what a card shows of each.

import { resolveHref } from './addresses.ts';
import { DocumentError } from './document-error.ts';
import { fetchDocument, fetchRevalidated } from './fetch-document.ts';
import { asAmount, asRecord, asRecords, asText, type JsonRecord, present } from './json-reading.ts';
import { type Kind, kindOf } from './kind.ts';

/** What the library knows of a tag before its manifest is read. Sizes in bytes, durations in seconds. */
export interface CatalogueEntry {
  readonly tag: string;
  readonly title: string;
  readonly author?: string;
  readonly description?: string;
  readonly kind: Kind;
  readonly itemCount?: number;
  readonly duration?: number;
  readonly downloadTotal?: number;
  readonly coverHref?: string;
}

export interface CataloguePage {
  readonly title?: string;
  readonly entries: readonly CatalogueEntry[];
  /** The address of the next page, absent on the last. */
  readonly nextHref?: string;
}

export async function loadCataloguePage(href: string): Promise<CataloguePage> {
  const url = new URL(href, location.href).href;
  const { document, isKept } = await fetchDocument(url, fetchRevalidated);
  // An old catalogue names much that cannot be had now: for the page it is as good as no answer.
  if (isKept) throw new DocumentError('unreachable', 'The server does not answer.');
  return parseCataloguePage(document, url);
}

/** Pure. Publications that are no tags of this server (without a `download` section) are left out. */
export function parseCataloguePage(document: unknown, base: string): CataloguePage {
  const page = asRecord(document);
  if (page === undefined || !Array.isArray(page.publications)) {
    throw new DocumentError(
      'unreadable',
      "The server's list of tags is not a catalogue that this page can read.",
    );
  }
  const next = asRecords(page.links).find((link) => link.rel === 'next');
  return {
    ...present('title', asText(asRecord(page.metadata)?.title)),
    entries: asRecords(page.publications).flatMap((publication) => parseEntry(publication, base) ?? []),
    ...present('nextHref', resolveHref(next?.href, base)),
  };
}

function parseEntry(publication: JsonRecord, base: string): CatalogueEntry | undefined {
  const download = asRecord(publication.download);
  const metadata = asRecord(publication.metadata) ?? {};
  const tag = asText(download?.tag);
  if (download === undefined || tag === undefined) return undefined;
  return {
    tag,
    title: asText(metadata.title) ?? tag,
    kind: kindOf(metadata['@type']),
    ...present('author', asText(metadata.author)),
    ...present('description', asText(metadata.description)),
    ...present('itemCount', asAmount(download.items)),
    ...present('duration', asAmount(metadata.duration)),
    ...present('downloadTotal', asAmount(download.downloadTotal)),
    ...present('coverHref', resolveHref(asRecords(publication.images)[0]?.href, base)),
  };
}

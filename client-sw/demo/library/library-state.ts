// Decides what the library shows, from what the server said and what this browser keeps. Pure.

import type { CatalogueEntry } from '../documents/catalogue.ts';
import { DocumentError } from '../documents/document-error.ts';
import { formatCount } from '../views/format.ts';

/** With more tags than this there is a box to find one in. */
export const FILTER_FROM_TAGS = 8;
/** Up to this many tags show their lessons at once: more would bury each other. */
const OPEN_UP_TO_TAGS = 4;

export type LibraryState =
  | { readonly name: 'ready'; readonly entries: readonly CatalogueEntry[] }
  | { readonly name: 'empty' }
  /** The server is out of reach; `kept` are the tags that this browser has. */
  | { readonly name: 'offline'; readonly entries: readonly CatalogueEntry[] }
  | { readonly name: 'unreachable' }
  | { readonly name: 'failed'; readonly message: string };

/** `outcome` is what loading the catalogue gave: its entries so far, or an error. */
export function decideLibrary(
  outcome: readonly CatalogueEntry[] | unknown,
  kept: readonly CatalogueEntry[],
): LibraryState {
  if (isEntries(outcome)) return outcome.length > 0 ? { name: 'ready', entries: outcome } : { name: 'empty' };
  if (outcome instanceof DocumentError && outcome.kind === 'unreachable') {
    return kept.length > 0 ? { name: 'offline', entries: kept } : { name: 'unreachable' };
  }
  return { name: 'failed', message: outcome instanceof Error ? outcome.message : String(outcome) };
}

/** Whether cards show their lessons from the start. */
export function opensContents(tagCount: number): boolean {
  return tagCount <= OPEN_UP_TO_TAGS;
}

/** Entries whose title, author or tag has every word of `words`, whatever their case and accents. */
export function filterEntries(entries: readonly CatalogueEntry[], words: string): CatalogueEntry[] {
  const wanted = fold(words)
    .split(/\s+/)
    .filter((word) => word !== '');
  return entries.filter((entry) => {
    const text = fold(`${entry.title} ${entry.author ?? ''} ${entry.tag}`);
    return wanted.every((word) => text.includes(word));
  });
}

/** What the entries that are known are: all of the server's, the first of them, or those that this browser keeps. */
export type Extent = 'all' | 'first' | 'kept';

const EXTENT_WORDS: Readonly<Record<Extent, string>> = {
  all: '',
  first: ' so far',
  kept: ' in this browser',
};

/** The line under the heading. */
export function summarise(shownCount: number, knownCount: number, extent: Extent): string {
  const known = `${formatCount(knownCount, 'title')}${EXTENT_WORDS[extent]}`;
  return shownCount === knownCount ? known : `${shownCount} of ${known}`;
}

function isEntries(outcome: unknown): outcome is readonly CatalogueEntry[] {
  return Array.isArray(outcome);
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

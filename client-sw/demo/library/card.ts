// One tag in the library: artwork, what it is, the download control, and its lessons.

import { playerHref } from '../documents/addresses.ts';
import type { CatalogueEntry } from '../documents/catalogue.ts';
import { describeKind } from '../documents/kind.ts';
import type { Outline } from '../documents/outline.ts';
import { loadPositions } from '../playback/positions.ts';
import { artworkView } from '../views/artwork.ts';
import { contentsView } from '../views/contents.ts';
import { element } from '../views/dom.ts';
import { downloadControl } from '../views/download-control.ts';
import { formatDuration, formatSize } from '../views/format.ts';

/** Loads the outline that a card lists its lessons from. */
export type OutlineLoader = (tag: string) => Promise<Outline>;

export function cardView(entry: CatalogueEntry, loadOutline: OutlineLoader, isOpen: boolean): HTMLElement {
  const titleId = `title-${entry.tag}`;
  return element(
    'article',
    { class: 'card', 'aria-labelledby': titleId, 'data-testid': 'tag-card', 'data-tag': entry.tag },
    artworkView(entry.title, entry.coverHref),
    element(
      'div',
      { class: 'card-words' },
      element('p', { class: 'kind' }, describeKind(entry.kind, entry.itemCount)),
      element('h2', { id: titleId, dir: 'auto' }, element('a', { href: playerHref(entry.tag) }, entry.title)),
      entry.author !== undefined && element('p', { class: 'author', dir: 'auto' }, entry.author),
      element('p', { class: 'facts' }, describeExtent(entry)),
    ),
    entry.description !== undefined && element('p', { class: 'description', dir: 'auto' }, entry.description),
    downloadControl(entry.tag, isOpen ? 'now' : 'lazy'),
    foldedContents(entry, loadOutline, isOpen),
  );
}

/** `1 h 5 min · 34.5 MB`. */
function describeExtent(entry: CatalogueEntry): string {
  const facts: string[] = [];
  if (entry.duration !== undefined) facts.push(formatDuration(entry.duration));
  if (entry.downloadTotal !== undefined) facts.push(formatSize(entry.downloadTotal));
  return facts.join(' · ');
}

/** The manifest is read when the list is first opened: two hundred cards do not ask for two hundred manifests. */
function foldedContents(entry: CatalogueEntry, loadOutline: OutlineLoader, isOpen: boolean): HTMLElement {
  const place = element('div', { class: 'card-contents' });
  const noun = `${entry.kind.item.charAt(0).toUpperCase()}${entry.kind.item.slice(1)}s`;
  const fold = element('details', { class: 'fold', open: isOpen }, element('summary', {}, noun), place);
  let isAsked = false;
  const fill = async (): Promise<void> => {
    if (isAsked || !fold.open) return;
    isAsked = true;
    try {
      place.replaceChildren(contentsView(await loadOutline(entry.tag), loadPositions()));
    } catch (cause) {
      // Closing and opening it again asks again.
      isAsked = false;
      place.replaceChildren(
        element('p', { class: 'soft' }, `The list could not be loaded: ${messageOf(cause)}`),
      );
    }
  };
  fold.addEventListener('toggle', () => void fill());
  void fill();
  return fold;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

// The library page: loads the catalogue, page by page, and shows it as cards; without the server, what is kept here.

import { CATALOGUE_HREF } from './documents/addresses.ts';
import { type CatalogueEntry, loadCataloguePage } from './documents/catalogue.ts';
import { cardView } from './library/card.ts';
import { loadKeptEntries } from './library/kept-entries.ts';
import { showLibraryNotice } from './library/library-notices.ts';
import {
  decideLibrary,
  FILTER_FROM_TAGS,
  filterEntries,
  type LibraryState,
  opensContents,
  summarise,
} from './library/library-state.ts';
import { loadOutline } from './session/load-outline.ts';
import { openDownloads } from './session/open-downloads.ts';
import { reportServer, watchConnection } from './views/connection.ts';
import { element, required } from './views/dom.ts';
import { clearNotice } from './views/notice.ts';

const downloads = openDownloads();
const cards = required('cards');
const notice = required('notice');
const more = required<HTMLButtonElement>('more');
const words = required<HTMLInputElement>('filter-words');

let entries: CatalogueEntry[] = [];
let nextHref: string | undefined;

watchConnection(() => void open());
more.addEventListener('click', () => void showMore());
words.addEventListener('input', () => void find());
void open();

/** From the start: the first page, or the state that replaces it. */
async function open(): Promise<void> {
  cards.setAttribute('aria-busy', 'true');
  entries = [];
  nextHref = undefined;
  const outcome = await loadNextPage(CATALOGUE_HREF).then(
    () => entries,
    (cause: unknown) => cause,
  );
  const kept = outcome === entries ? [] : await loadKeptEntries(downloads);
  render(decideLibrary(outcome, kept));
  cards.setAttribute('aria-busy', 'false');
}

async function loadNextPage(href: string): Promise<void> {
  const page = await loadCataloguePage(href);
  entries = [...entries, ...page.entries];
  nextHref = page.nextHref;
  if (page.title !== undefined) {
    required('brand').textContent = page.title;
    document.title = `Library · ${page.title}`;
  }
}

function render(state: LibraryState): void {
  reportServer(state.name === 'offline' || state.name === 'unreachable' ? 'away' : 'there');
  clearNotice(notice);
  if (state.name === 'ready' || state.name === 'offline') {
    entries = [...state.entries];
    renderCards();
    return;
  }
  cards.replaceChildren();
  required('summary').textContent = '';
  showLibraryNotice(notice, state, () => void open());
}

function renderCards(): void {
  const hasMore = nextHref !== undefined;
  const hasFilter = entries.length > FILTER_FROM_TAGS || hasMore;
  const shown = hasFilter ? filterEntries(entries, words.value) : entries;
  required('filter').hidden = !hasFilter;
  required('summary').textContent = summarise(shown.length, entries.length, hasMore);
  more.hidden = !hasMore;
  const isOpen = opensContents(entries.length);
  // Cards on screen are kept: a download control that is replaced would lose its place and the reader's focus.
  const present = new Map([...cards.children].map((card) => [(card as HTMLElement).dataset.tag, card]));
  const load = (tag: string) => loadOutline(downloads, tag);
  cards.replaceChildren(...shown.map((entry) => present.get(entry.tag) ?? cardView(entry, load, isOpen)));
  if (shown.length === 0) cards.append(element('p', { class: 'soft' }, 'No title has these words.'));
}

async function showMore(): Promise<void> {
  if (nextHref === undefined) return;
  const firstNew = entries.length;
  more.disabled = true;
  try {
    await loadNextPage(nextHref);
    renderCards();
    // The button moves down the page or goes: the reader goes on at the first new card.
    cards.children[firstNew]?.querySelector<HTMLElement>('h2 a')?.focus();
  } catch (cause) {
    showLibraryNotice(
      notice,
      { name: 'failed', message: cause instanceof Error ? cause.message : String(cause) },
      () => {
        clearNotice(notice);
        void showMore();
      },
    );
  } finally {
    more.disabled = false;
  }
}

/** A filter looks through everything: what is not loaded yet is loaded first. */
async function find(): Promise<void> {
  renderCards();
  while (nextHref !== undefined && words.value !== '') {
    await loadNextPage(nextHref);
    renderCards();
  }
}

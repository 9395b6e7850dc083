// The library page: loads the catalogue, page by page, and shows it as cards; without the server, what is kept here.

import { CATALOGUE_HREF } from './documents/addresses.ts';
import { type CatalogueEntry, loadCataloguePage } from './documents/catalogue.ts';
import { CardList } from './library/card-list.ts';
import { loadKeptEntries } from './library/kept-entries.ts';
import { showLibraryNotice } from './library/library-notices.ts';
import {
  decideLibrary,
  type Extent,
  FILTER_FROM_TAGS,
  filterEntries,
  type LibraryState,
  opensContents,
  summarise,
} from './library/library-state.ts';
import { loadOutline } from './session/load-outline.ts';
import { openDownloads } from './session/open-downloads.ts';
import { reportServer, watchConnection } from './views/connection.ts';
import { required } from './views/dom.ts';
import { clearNotice } from './views/notice.ts';

const downloads = openDownloads();
const place = required('cards');
const notice = required('notice');
const more = required<HTMLButtonElement>('more');
const words = required<HTMLInputElement>('filter-words');
const cards = new CardList(place, (tag) => loadOutline(downloads, tag));

let entries: readonly CatalogueEntry[] = [];
let nextHref: string | undefined;
let isKept = false;
let nextPage: Promise<void> | undefined;

watchConnection(() => void open());
more.addEventListener('click', () => void showMore());
words.addEventListener('input', () => void find());
void open();

/** From the start: the first page, or the state that replaces it. */
async function open(): Promise<void> {
  place.setAttribute('aria-busy', 'true');
  entries = [];
  nextHref = CATALOGUE_HREF;
  const outcome = await loadNextPage().then(
    () => entries,
    (cause: unknown) => cause,
  );
  const kept = outcome === entries ? [] : await loadKeptEntries(downloads);
  render(decideLibrary(outcome, kept));
  place.setAttribute('aria-busy', 'false');
}

/** Whoever asks while a page is on its way waits for that one: no page is loaded twice. */
function loadNextPage(): Promise<void> {
  nextPage ??= load(nextHref ?? CATALOGUE_HREF).finally(() => {
    nextPage = undefined;
  });
  return nextPage;
}

async function load(href: string): Promise<void> {
  const page = await loadCataloguePage(href);
  entries = [...entries, ...page.entries];
  nextHref = page.nextHref;
  if (page.title === undefined) return;
  required('brand').textContent = page.title;
  document.title = `Library · ${page.title}`;
}

function render(state: LibraryState): void {
  isKept = state.name === 'offline';
  reportServer(isKept || state.name === 'unreachable' ? 'away' : 'there');
  clearNotice(notice);
  cards.clear();
  if (state.name === 'ready' || state.name === 'offline') {
    entries = state.entries;
    if (isKept) nextHref = undefined;
    renderCards();
    return;
  }
  required('summary').textContent = '';
  required('filter').hidden = true;
  more.hidden = true;
  showLibraryNotice(notice, state, () => void open());
}

function renderCards(): void {
  const hasMore = nextHref !== undefined;
  const hasFilter = entries.length > FILTER_FROM_TAGS || hasMore;
  const shown = hasFilter ? filterEntries(entries, words.value) : entries;
  const extent: Extent = isKept ? 'kept' : hasMore ? 'first' : 'all';
  required('filter').hidden = !hasFilter;
  required('summary').textContent = summarise(shown.length, entries.length, extent);
  more.hidden = !hasMore;
  cards.add(entries, opensContents(entries.length));
  cards.filter(shown);
}

async function showMore(): Promise<void> {
  const firstNew = entries.length;
  more.disabled = true;
  try {
    await loadNextPage();
    renderCards();
    // The button moves down the page or goes: the reader goes on at the first new card.
    const first = entries[firstNew];
    if (first !== undefined) cards.focus(first.tag);
  } catch (cause) {
    showPageProblem(cause, () => void showMore());
  } finally {
    more.disabled = false;
  }
}

/** A filter looks through everything: what is not loaded yet is loaded first. */
async function find(): Promise<void> {
  renderCards();
  try {
    while (nextHref !== undefined && words.value !== '') {
      await loadNextPage();
      renderCards();
    }
  } catch (cause) {
    showPageProblem(cause, () => void find());
  }
}

/** What is already there stays. */
function showPageProblem(cause: unknown, retry: () => void): void {
  const message = cause instanceof Error ? cause.message : String(cause);
  showLibraryNotice(notice, { name: 'failed', message }, () => {
    clearNotice(notice);
    retry();
  });
}

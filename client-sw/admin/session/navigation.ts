// Where one can go. What the token may not do is not offered.

import { element } from '../../demo/views/dom.ts';
import type { Route } from '../routes/route.ts';
import type { Scopes } from './scopes.ts';

export interface NavigationEntry {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
}

/** @param publishedPercent how far a publish is that runs */
export function navigationEntries(
  scopes: Scopes,
  current: Route['view'],
  publishedPercent: number | undefined,
): NavigationEntry[] {
  const entries: NavigationEntry[] = [];
  const offer = (label: string, href: string, ...views: Route['view'][]): void => {
    entries.push({ label, href, isCurrent: views.includes(current) });
  };
  offer('Tags', '#/tags', 'tags', 'tag', 'diff');
  if (scopes.mayPublishSomething) {
    offer(
      publishedPercent === undefined ? 'Publish' : `Publish · ${publishedPercent} %`,
      '#/publish',
      'publish',
    );
  }
  if (scopes.maySeeStorage) offer('Storage', '#/storage', 'storage');
  if (scopes.mayKeepHouse) offer('Jobs', '#/jobs', 'jobs');
  if (scopes.isAdmin) offer('Tokens', '#/tokens', 'tokens');
  return entries;
}

export function showNavigation(place: HTMLElement, entries: readonly NavigationEntry[]): void {
  place.hidden = false;
  const links = [...place.querySelectorAll('a')];
  if (links.length !== entries.length) {
    links.splice(0, links.length, ...entries.map(() => element('a', {})));
    place.replaceChildren(...links);
  }
  // The links stay, so that the focus does.
  for (const [index, link] of links.entries()) {
    const { label, href, isCurrent } = entries[index] as NavigationEntry;
    link.href = href;
    if (link.textContent !== label) link.textContent = label;
    if (isCurrent) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

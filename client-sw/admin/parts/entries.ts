// Lists of tags, releases, tokens: each entry has a title, facts, and what can be done with it.

import { append, element } from '../../demo/views/dom.ts';

type Word = Node | string | undefined | false;

export interface Entry {
  readonly title: Node | string;
  /** A short word about its state. */
  readonly badge?: { readonly text: string; readonly tone: 'good' | 'quiet' | 'bad' } | undefined;
  readonly facts: readonly Word[];
  readonly actions?: readonly (Node | false | undefined)[];
  /** What is shown below all of that. */
  readonly more?: Node;
  readonly testId?: string;
}

export function entryList(label: string, entries: readonly Entry[]): HTMLElement {
  // Without a list style some browsers take it for no list.
  return element('ul', { class: 'entries', role: 'list', 'aria-label': label }, ...entries.map(entryView));
}

export function entryView({ title, badge, facts, actions = [], more, testId }: Entry): HTMLElement {
  const head = element('p', { class: 'entry-title' }, title);
  if (badge !== undefined) append(head, [' ', badgeView(badge)]);
  const words = facts.filter((fact) => fact !== undefined && fact !== false);
  const line = element('p', { class: 'facts' }, ...divided(words));
  const offered = actions.filter((action) => action !== undefined && action !== false);
  return element(
    'li',
    { class: 'entry', 'data-testid': testId },
    element('div', { class: 'entry-words' }, head, line, more),
    offered.length > 0 && element('div', { class: 'actions' }, ...offered),
  );
}

export function badgeView({ text, tone }: NonNullable<Entry['badge']>): HTMLElement {
  return element('span', { class: `badge badge-${tone}` }, text);
}

function divided(words: readonly (Node | string)[]): (Node | string)[] {
  return words.flatMap((word, index) => (index === 0 ? [word] : [' · ', word]));
}

/** The head of a view. */
export function head(title: string, ...more: Word[]): HTMLElement {
  const created = element('div', { class: 'page-head' }, element('h1', {}, title));
  append(created, more);
  return created;
}

/** Says why there is nothing, and what to do. */
export function empty(title: string, ...text: Word[]): HTMLElement {
  const words = element('p', {});
  append(words, text);
  return element(
    'section',
    { class: 'notice', 'data-testid': 'empty' },
    element('h2', { class: 'notice-title' }, title),
    words,
  );
}

/** The way to the rest of a list. */
export function nextPage(href: string | undefined): HTMLElement | undefined {
  if (href === undefined) return undefined;
  return element('p', { class: 'actions' }, element('a', { class: 'button', href }, 'Next page'));
}

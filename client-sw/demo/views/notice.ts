// The boxes that say that something is missing or went wrong, and what to do about it.

import { element } from './dom.ts';

export interface Notice {
  readonly title: string;
  readonly text: string;
  /** Something to type, shown as code. */
  readonly command?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly link?: { readonly label: string; readonly href: string };
  /** `problem` is announced at once, `plain` is not. */
  readonly tone: 'problem' | 'plain';
  /** For a page that has nothing else to head it. */
  readonly isWholePage?: boolean;
}

/** Shows one notice in `place`, instead of any earlier one. */
export function showNotice(place: HTMLElement, notice: Notice): void {
  const { title, text, command, action, link, tone, isWholePage = false } = notice;
  const box = element(
    'section',
    { class: `notice notice-${tone}`, role: tone === 'problem' && 'alert', 'data-testid': 'notice' },
    element(isWholePage ? 'h1' : 'h2', { class: 'notice-title' }, title),
    element('p', {}, text),
    command !== undefined && element('pre', {}, element('code', {}, command)),
  );
  if (action !== undefined) {
    const button = element('button', { type: 'button', class: 'button' }, action.label);
    button.addEventListener('click', action.run);
    box.append(button);
  }
  if (link !== undefined) box.append(element('a', { class: 'button', href: link.href }, link.label));
  place.replaceChildren(box);
}

export function clearNotice(place: HTMLElement): void {
  place.replaceChildren();
}

// The chapters of an episode: a list that moves the player and follows it.

import type { Chapter } from '../documents/chapters.ts';
import { findCurrentIndex } from '../playback/timeline.ts';
import { element } from '../views/dom.ts';
import { formatClock } from '../views/format.ts';

export interface TimedView {
  readonly view: HTMLElement;
  /** Shows where `seconds` is. */
  follow(seconds: number): void;
}

export function chaptersView(chapters: readonly Chapter[], seek: (seconds: number) => void): TimedView {
  const buttons = chapters.map((chapter) => {
    const button = element(
      'button',
      { type: 'button', class: 'chapter', 'data-testid': 'chapter' },
      element('span', { class: 'clock' }, formatClock(chapter.start)),
      element('span', { dir: 'auto' }, chapter.title),
    );
    button.addEventListener('click', () => seek(chapter.start));
    return button;
  });
  const list = element('ol', { class: 'chapters' }, ...buttons.map((button) => element('li', {}, button)));
  const view = element(
    'section',
    { class: 'panel', 'aria-labelledby': 'chapters-title' },
    element('h2', { id: 'chapters-title' }, 'Chapters'),
    list,
  );
  let current = -1;
  const follow = (seconds: number): void => {
    const index = findCurrentIndex(chapters, seconds);
    if (index === current) return;
    buttons[current]?.removeAttribute('aria-current');
    buttons[index]?.setAttribute('aria-current', 'true');
    current = index;
  };
  return { view, follow };
}

// The list of a tag's lessons, module by module, each a link to the player.

import { playerHref } from '../documents/addresses.ts';
import type { Item, Outline, Section } from '../documents/outline.ts';
import { fractionOf, isFinished, type PositionMap } from '../playback/positions.ts';
import { element, icon, spoken } from './dom.ts';
import { formatDuration, formatSize } from './format.ts';

/** `currentPath` marks the lesson that is open in the player. */
export function contentsView(outline: Outline, positions: PositionMap, currentPath?: string): HTMLElement {
  const box = element('div', { class: 'contents' });
  let number = 0;
  for (const section of outline.sections) {
    box.append(...sectionView(outline, section, number + 1, positions, currentPath));
    number += section.items.length;
  }
  return box;
}

function sectionView(
  outline: Outline,
  section: Section,
  firstNumber: number,
  positions: PositionMap,
  currentPath: string | undefined,
): HTMLElement[] {
  const list = element('ol', { class: 'lessons', start: firstNumber });
  section.items.forEach((item, index) => {
    list.append(lessonView(outline.tag, item, firstNumber + index, positions, currentPath === item.path));
  });
  return section.title === undefined ? [list] : [element('h3', { class: 'module' }, section.title), list];
}

function lessonView(
  tag: string,
  item: Item,
  number: number,
  positions: PositionMap,
  isCurrent: boolean,
): HTMLElement {
  const position = positions[item.identifier];
  const finished = position !== undefined && isFinished(position);
  const begun = position !== undefined && !finished && fractionOf(position) > 0.01;
  const link = element(
    'a',
    {
      class: 'lesson',
      href: playerHref(tag, item.path),
      'data-testid': 'lesson-link',
      'aria-current': isCurrent && 'page',
    },
    element(
      'span',
      { class: 'lesson-number', 'aria-hidden': 'true' },
      finished ? icon('check') : String(number),
    ),
    element('span', { class: 'lesson-title', dir: 'auto' }, item.title),
    finished && spoken(' (finished) '),
    element(
      'span',
      { class: 'lesson-facts' },
      item.duration !== undefined && formatDuration(item.duration),
      item.size !== undefined && element('span', { class: 'lesson-size' }, ` · ${formatSize(item.size)}`),
    ),
  );
  if (begun) link.append(progressView(position.seconds, position.duration));
  return element('li', {}, link);
}

function progressView(seconds: number, duration: number): HTMLElement {
  return element('progress', { class: 'heard', value: seconds, max: duration, 'aria-label': 'Heard so far' });
}

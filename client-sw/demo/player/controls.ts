// The row under the media: previous and next, speed, and "listen only".

import { playerHref } from '../documents/addresses.ts';
import type { Item } from '../documents/outline.ts';
import { element, icon, spoken } from '../views/dom.ts';
import { readSpeed, SPEEDS, setSpeed } from './playback.ts';
import type { Selected } from './player-request.ts';
import type { Stage } from './stage.ts';

export function controlsView(tag: string, selected: Selected, stage: Stage): HTMLElement {
  return element(
    'div',
    { class: 'controls', role: 'group', 'aria-label': 'Player' },
    neighbourView(tag, selected.previous, 'previous'),
    neighbourView(tag, selected.next, 'next'),
    element('span', { class: 'spacer' }),
    stage.hasAudioAlternate && listenOnlyView(stage),
    speedView(stage),
  );
}

function neighbourView(tag: string, item: Item | undefined, direction: 'previous' | 'next'): HTMLElement {
  const label = direction === 'previous' ? 'Previous' : 'Next';
  if (item === undefined) {
    return element(
      'span',
      { class: 'button button-off', 'aria-hidden': 'true' },
      ...inOrder(direction, label),
    );
  }
  return element(
    'a',
    {
      class: 'button',
      id: direction,
      rel: direction === 'previous' ? 'prev' : 'next',
      href: playerHref(tag, item.path),
    },
    ...inOrder(direction, label),
    spoken(`: ${item.title}`),
  );
}

/** The arrow stands on the side that it points to. */
function inOrder(direction: 'previous' | 'next', label: string): (Node | string)[] {
  const words = element('span', {}, label);
  return direction === 'previous' ? [icon('previous'), words] : [words, icon('next')];
}

function listenOnlyView(stage: Stage): HTMLElement {
  const button = element(
    'button',
    { type: 'button', id: 'listen-only', class: 'button', 'data-testid': 'listen-only' },
    icon('headphones'),
    element('span', {}, 'Listen only'),
  );
  button.setAttribute('aria-pressed', String(stage.listensOnly));
  button.addEventListener('click', () => {
    stage.listenOnly(!stage.listensOnly);
    button.setAttribute('aria-pressed', String(stage.listensOnly));
  });
  return button;
}

function speedView(stage: Stage): HTMLElement {
  const select = element('select', { id: 'speed' });
  for (const speed of SPEEDS)
    select.append(element('option', { value: speed, selected: speed === readSpeed() }, `${speed}×`));
  select.addEventListener('change', () => setSpeed(stage.media, Number(select.value)));
  return element('label', { class: 'speed' }, element('span', {}, 'Speed'), select);
}

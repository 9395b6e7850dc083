// The picture of a tag, or a quiet tile with its initial where there is none or it does not load.

import { element } from './dom.ts';

/** Decorative: the title is always written beside it. */
export function artworkView(title: string, coverHref: string | undefined, eager = false): HTMLElement {
  const frame = element('div', { class: 'artwork', 'aria-hidden': 'true' });
  const tile = element('span', { class: 'artwork-initial' }, initialOf(title));
  if (coverHref === undefined) {
    frame.append(tile);
    return frame;
  }
  const picture = element('img', {
    src: coverHref,
    alt: '',
    loading: eager ? 'eager' : 'lazy',
    decoding: 'async',
  });
  picture.addEventListener('error', () => picture.replaceWith(tile), { once: true });
  frame.append(picture);
  return frame;
}

/** The first letter or digit, whole even where it takes two UTF-16 units. */
export function initialOf(title: string): string {
  return (/[\p{L}\p{N}]/u.exec(title)?.[0] ?? '·').toUpperCase();
}

// The `<stowaway-download>` element for a tag, set up for this app.

import { element } from './dom.ts';

/** How far below the visible part of the page a control is already set up. */
const MARGIN_PX = 600;

/** A `lazy` control asks for its manifest only when it comes near the screen: a long library asks for few of them. */
export function downloadControl(tag: string, when: 'now' | 'lazy' = 'now'): HTMLElement {
  const place = element('div', { class: 'download-control' });
  const fill = (): void => {
    const control = document.createElement('stowaway-download');
    control.setAttribute('tag', tag);
    place.replaceChildren(control);
  };
  if (when === 'now') fill();
  else whenNear(place, fill);
  return place;
}

function whenNear(place: HTMLElement, run: () => void): void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      run();
    },
    { rootMargin: `${MARGIN_PX}px` },
  );
  observer.observe(place);
}

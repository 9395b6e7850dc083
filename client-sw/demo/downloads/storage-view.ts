// How much room the downloads take and may take, and whether the browser promised not to clear them.

import type { Downloads, StorageEstimate } from 'stowaway-client';
import { element } from '../views/dom.ts';
import { formatSize } from '../views/format.ts';

/** From here on the bar warns. */
const TIGHT_FRACTION = 0.9;

/** Shows the estimate in `place`; call it again when it has changed. */
export async function showStorage(place: HTMLElement, downloads: Downloads): Promise<void> {
  const estimate = await downloads.estimate();
  const heading = place.querySelector('h2');
  place.replaceChildren(...(heading === null ? [] : [heading]), ...storageViews(estimate, place, downloads));
  place.hidden = false;
}

/** `3.5 MB used, 57.9 GB free for this site`. Pure. */
export function describeRoom({ usage, quota }: Pick<StorageEstimate, 'usage' | 'quota'>): string {
  if (usage === undefined || quota === undefined) return 'This browser does not tell how much room it has.';
  const free = Math.max(0, quota - usage);
  return `${formatSize(usage)} used, ${formatSize(free)} free for this site`;
}

function storageViews(estimate: StorageEstimate, place: HTMLElement, downloads: Downloads): HTMLElement[] {
  const views: HTMLElement[] = [element('p', { id: 'storage-room' }, describeRoom(estimate))];
  const bar = roomBar(estimate);
  if (bar !== undefined) views.unshift(bar);
  if (estimate.persisted === true) {
    views.push(element('p', { class: 'soft' }, 'The browser has promised to keep this until you remove it.'));
  } else if (estimate.persisted === false) {
    views.push(persistView(place, downloads));
  }
  return views;
}

/** A bar of what is used; however little that is, it shows. */
function roomBar({ usage, quota }: Pick<StorageEstimate, 'usage' | 'quota'>): HTMLElement | undefined {
  if (usage === undefined || quota === undefined || quota <= 0) return undefined;
  const used = Math.min(1, usage / quota);
  const bar = element('div', {
    class: 'room',
    role: 'meter',
    'aria-labelledby': 'storage-title',
    'aria-valuemin': 0,
    'aria-valuemax': 100,
    'aria-valuenow': Math.round(used * 100),
    'aria-valuetext': describeRoom({ usage, quota }),
    'data-tight': used > TIGHT_FRACTION,
  });
  bar.style.setProperty('--used', String(used));
  return bar;
}

function persistView(place: HTMLElement, downloads: Downloads): HTMLElement {
  const answer = element(
    'span',
    { class: 'soft', role: 'status' },
    'When room runs short, the browser may clear this by itself.',
  );
  const button = element(
    'button',
    { type: 'button', class: 'button', 'data-testid': 'persist' },
    'Ask the browser to keep it',
  );
  button.addEventListener('click', () => void ask());
  return element('p', { class: 'persist' }, answer, button);

  async function ask(): Promise<void> {
    if (await navigator.storage.persist()) return showStorage(place, downloads);
    answer.textContent =
      'The browser says no for now. It may agree once you use this site more often, or have installed it.';
  }
}

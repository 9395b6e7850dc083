// How much room the downloads take and may take, and whether the browser promised not to clear them.

import { type Downloads, formatBytes, type StorageEstimate } from 'stowaway-client';
import { element } from '../views/dom.ts';

/** Shows the estimate in `place`; call it again when it has changed. */
export async function showStorage(place: HTMLElement, downloads: Downloads): Promise<void> {
  const estimate = await downloads.estimate();
  const heading = place.querySelector('h2');
  place.replaceChildren(...(heading === null ? [] : [heading]), ...storageViews(estimate, place, downloads));
  place.hidden = false;
}

/** `3.5 MB used, 57.9 GB free for this site`. Pure. */
export function describeRoom({ usage, quota }: StorageEstimate): string {
  if (usage === undefined || quota === undefined) return 'This browser does not tell how much room it has.';
  const free = Math.max(0, quota - usage);
  return `${formatBytes(usage, 'en')} used, ${formatBytes(free, 'en')} free for this site`;
}

function storageViews(estimate: StorageEstimate, place: HTMLElement, downloads: Downloads): HTMLElement[] {
  const views: HTMLElement[] = [element('p', { id: 'storage-room' }, describeRoom(estimate))];
  const { usage, quota } = estimate;
  if (usage !== undefined && quota !== undefined && quota > 0) {
    views.unshift(
      element('meter', {
        min: 0,
        max: quota,
        value: usage,
        high: quota * 0.9,
        'aria-labelledby': 'storage-title storage-room',
      }),
    );
  }
  if (estimate.persisted === true) {
    views.push(element('p', { class: 'soft' }, 'The browser has promised to keep this until you remove it.'));
  } else if (estimate.persisted === false) {
    views.push(persistView(place, downloads));
  }
  return views;
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

// Lists the keyboard shortcuts and carries them out.

import { element } from '../views/dom.ts';
import { decideKeyAction, type KeyAction, keyName, SEEK_STEP_SECONDS, SHORTCUTS } from './keys.ts';
import { move } from './media-session.ts';

export function shortcutsView(): HTMLElement {
  const rows = SHORTCUTS.map(({ keys, label }) =>
    element(
      'div',
      {},
      element('dt', {}, ...keys.map((key) => element('kbd', {}, keyName(key)))),
      element('dd', {}, label),
    ),
  );
  return element(
    'details',
    { class: 'fold shortcuts' },
    element('summary', {}, 'Keyboard'),
    element('dl', {}, ...rows),
  );
}

/** `currentMedia` is asked each time, as "listen only" replaces the element. */
export function listenToKeys(currentMedia: () => HTMLMediaElement): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    const action = decideKeyAction({ ...modifiersOf(event), key: event.key, target });
    if (action === undefined) return;
    event.preventDefault();
    perform(action, currentMedia());
  });
}

function modifiersOf({
  ctrlKey,
  metaKey,
  altKey,
}: KeyboardEvent): Pick<KeyboardEvent, 'ctrlKey' | 'metaKey' | 'altKey'> {
  return { ctrlKey, metaKey, altKey };
}

function perform(action: KeyAction, media: HTMLMediaElement): void {
  const actions: Readonly<Record<KeyAction, () => void>> = {
    toggle: () => togglePlay(media),
    back: () => move(media, -SEEK_STEP_SECONDS),
    forward: () => move(media, SEEK_STEP_SECONDS),
    mute: () => {
      media.muted = !media.muted;
    },
    captions: () => toggleCaptions(media),
    fullscreen: () => toggleFullscreen(media),
    previous: () => document.getElementById('previous')?.click(),
    next: () => document.getElementById('next')?.click(),
  };
  actions[action]();
}

function togglePlay(media: HTMLMediaElement): void {
  if (media.paused) media.play().catch(() => undefined);
  else media.pause();
}

function toggleCaptions(media: HTMLMediaElement): void {
  const track = media.textTracks[0];
  if (track !== undefined) track.mode = track.mode === 'showing' ? 'disabled' : 'showing';
}

function toggleFullscreen(media: HTMLMediaElement): void {
  if (!(media instanceof HTMLVideoElement)) return;
  // Browsers may refuse either; the native control stays.
  const change = document.fullscreenElement === null ? media.requestFullscreen() : document.exitFullscreen();
  change.catch(() => undefined);
}

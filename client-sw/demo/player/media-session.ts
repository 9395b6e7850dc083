// Tells the operating system what plays, for lock screens, headsets and media keys (Media Session).

import { playerHref } from '../documents/addresses.ts';
import type { Outline } from '../documents/outline.ts';
import { SEEK_STEP_SECONDS } from './keys.ts';
import { pictureOf } from './media-view.ts';
import type { Selected } from './player-request.ts';

/** `currentMedia` is asked each time, as "listen only" replaces the element. */
export function announceToSystem(
  outline: Outline,
  selected: Selected,
  currentMedia: () => HTMLMediaElement,
): void {
  if (!('mediaSession' in navigator)) return;
  const { item, previous, next } = selected;
  const picture = pictureOf(outline, item);
  navigator.mediaSession.metadata = new MediaMetadata({
    title: item.title,
    artist: outline.author ?? '',
    album: outline.title,
    artwork: picture === undefined ? [] : [{ src: picture.href, type: picture.type }],
  });
  handle('seekbackward', (details) => move(currentMedia(), -(details.seekOffset ?? SEEK_STEP_SECONDS)));
  handle('seekforward', (details) => move(currentMedia(), details.seekOffset ?? SEEK_STEP_SECONDS));
  handle('seekto', (details) => {
    if (details.seekTime !== undefined) currentMedia().currentTime = details.seekTime;
  });
  if (previous !== undefined)
    handle('previoustrack', () => location.assign(playerHref(outline.tag, previous.path)));
  if (next !== undefined) handle('nexttrack', () => location.assign(playerHref(outline.tag, next.path)));
}

/** Moves by `seconds`, within the media. */
export function move(media: HTMLMediaElement, seconds: number): void {
  const end = Number.isFinite(media.duration) ? media.duration : Number.POSITIVE_INFINITY;
  media.currentTime = Math.min(end, Math.max(0, media.currentTime + seconds));
}

function handle(action: MediaSessionAction, handler: MediaSessionActionHandler): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch {
    // TypeError: an action that this browser does not know; the others work without it.
  }
}

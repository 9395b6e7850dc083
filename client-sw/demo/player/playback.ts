// Plays a media element as the reader left it: resumes, remembers the position and the speed.

import type { Item } from '../documents/outline.ts';
import { decideResume, loadPositions, savePosition } from '../playback/positions.ts';

const SPEED_KEY = 'stowaway.speed';
/** How often the position is written while playing, in milliseconds. */
const SAVE_INTERVAL_MS = 2000;

export const SPEEDS: readonly number[] = [0.75, 1, 1.25, 1.5, 1.75, 2];

/** Where to begin: a time that was asked for in the address, else where the lesson was left. */
export function startingPoint(item: Item, askedSeconds: number | undefined): number {
  return askedSeconds ?? decideResume(loadPositions()[item.identifier]);
}

/** Seeks to `seconds` as soon as the element can. */
export function startAt(media: HTMLMediaElement, seconds: number): void {
  if (seconds <= 0) return;
  const seek = (): void => {
    media.currentTime = Math.min(seconds, media.duration || seconds);
  };
  if (media.readyState >= HTMLMediaElement.HAVE_METADATA) seek();
  else media.addEventListener('loadedmetadata', seek, { once: true });
}

/** Writes the position down now and then, and at every moment after which there may be none. */
export function rememberPosition(media: HTMLMediaElement, item: Item): void {
  let savedAtMs = 0;
  const save = (): void => {
    if (!Number.isFinite(media.duration) || media.duration <= 0) return;
    // Before anything played or moved there is nothing to remember, and an older position to keep.
    if (media.currentTime === 0 && media.played.length === 0) return;
    savedAtMs = Date.now();
    savePosition(item.identifier, {
      seconds: media.currentTime,
      duration: media.duration,
      leftAtMs: savedAtMs,
    });
  };
  media.addEventListener('timeupdate', () => {
    if (!media.paused && Date.now() - savedAtMs >= SAVE_INTERVAL_MS) save();
  });
  for (const moment of ['pause', 'seeked', 'ended'] as const) media.addEventListener(moment, save);
  addEventListener('pagehide', save);
}

/** The speed last chosen, for speech is listened to at one's own pace; 1 where that is none of the offered ones. */
export function readSpeed(storage: Storage = localStorage): number {
  const speed = Number(storage.getItem(SPEED_KEY));
  return SPEEDS.includes(speed) ? speed : 1;
}

export function setSpeed(media: HTMLMediaElement, speed: number): void {
  media.defaultPlaybackRate = speed;
  media.playbackRate = speed;
  try {
    localStorage.setItem(SPEED_KEY, String(speed));
  } catch (cause) {
    console.warn('Stowaway: this browser does not remember the speed.', cause);
  }
}

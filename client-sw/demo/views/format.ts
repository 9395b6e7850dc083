// Words for numbers: sizes, durations, clock times, counts and languages, as a visitor reads them. Pure.

import { formatBytes } from 'stowaway-client';

/** `812345` → `812 kB`, as the library's element writes it, and never broken between number and unit. */
export function formatSize(bytes: number): string {
  return unbroken(formatBytes(bytes, 'en'));
}

/** `61.2` → `1 min`, `4980` → `1 h 23 min`, `20` → `20 s`: how long something takes. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  if (seconds < 59.5) return unbroken(`${Math.max(1, Math.round(seconds))} s`);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unbroken(`${minutes} min`);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return unbroken(rest === 0 ? `${hours} h` : `${hours} h ${rest} min`);
}

/** `75.4` → `1:15`, `3675` → `1:01:15`: a position on a time line. */
export function formatClock(seconds: number): string {
  const whole = Number.isFinite(seconds) && seconds > 0 ? Math.floor(seconds) : 0;
  const twoDigits = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = twoDigits(whole % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `(1, "lesson")` → `1 lesson`, `(4, "lesson")` → `4 lessons`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A language tag in the reader's words: `en` → `English`; the tag itself where the browser knows no name. */
export function formatLanguage(tag: string, reader = 'en'): string {
  try {
    return new Intl.DisplayNames([reader], { type: 'language' }).of(tag) ?? tag;
  } catch {
    // RangeError: not a language tag at all. What the publisher wrote is still the best label.
    return tag;
  }
}

function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}

// Words for numbers: sizes, durations, clock times and counts, as a visitor reads them. Pure.

const BYTE_UNITS = ["kB", "MB", "GB", "TB", "PB"] as const;

/** `812345` → `812 kB`, `3456789` → `3.5 MB`: decimal units, as browsers and file managers show them. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return "";
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit: string = BYTE_UNITS[0];
  for (const candidate of BYTE_UNITS) {
    value /= 1000;
    unit = candidate;
    // 999.5 would be printed as "1000": the next unit says it better.
    if (value < 999.5) break;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** `61.2` → `1 min`, `4980` → `1 h 23 min`, `20` → `20 s`: how long something takes. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "";
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** `75.4` → `1:15`, `3675` → `1:01:15`: a position on a time line. */
export function formatClock(seconds: number): string {
  const whole = Number.isFinite(seconds) && seconds > 0 ? Math.floor(seconds) : 0;
  const twoDigits = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = twoDigits(whole % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `(1, "lesson")` → `1 lesson`, `(4, "lesson")` → `4 lessons`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A language tag in the reader's words: `en` → `English`; the tag itself where the browser knows no name. */
export function formatLanguage(tag: string, reader = "en"): string {
  try {
    return new Intl.DisplayNames([reader], { type: "language" }).of(tag) ?? tag;
  } catch {
    // RangeError: not a language tag at all. What the publisher wrote is still the best label.
    return tag;
  }
}

// Reads a podcast chapters document (JSON chapters 1.2, application/json+chapters). Pure.
// https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/chapters/jsonChapters.md

import { asAmount, asRecord, asRecords, asText, type JsonRecord } from './json-reading.ts';

/** One chapter. `start` is seconds from the start. */
export interface Chapter {
  readonly start: number;
  readonly title: string;
}

/** Chapters that belong into a table of contents, in order of time. Anything malformed is left out, never guessed. */
export function parseChapters(document: unknown): Chapter[] {
  const entries = asRecords(asRecord(document)?.chapters);
  return entries
    .flatMap((entry) => parseChapter(entry) ?? [])
    .sort((left, right) => left.start - right.start);
}

function parseChapter(entry: JsonRecord): Chapter | undefined {
  // `toc: false` marks silent chapters: those that only change the picture.
  if (entry.toc === false) return undefined;
  const start = asAmount(entry.startTime);
  const title = asText(entry.title);
  return start === undefined || title === undefined ? undefined : { start, title };
}

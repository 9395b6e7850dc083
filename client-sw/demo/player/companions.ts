// Loads what accompanies a lesson: its chapters and what is said in it.

import { type Chapter, parseChapters } from '../documents/chapters.ts';
import { fetchDocument, fetchText } from '../documents/fetch-document.ts';
import { type Item, type Outline, type Resource, resourcesOf } from '../documents/outline.ts';
import { type Cue, parseTimedText } from '../documents/timed-text.ts';

/** Types of transcript that have times in them. */
const TIMED_TYPES = new Set(['text/vtt', 'application/srt', 'application/x-subrip', 'text/srt']);

/** The timed text to show as a transcript: a transcript proper, else captions in the tag's language, else any captions. Pure. */
export function transcriptSourceOf(outline: Outline, item: Item): Resource | undefined {
  const captions = resourcesOf(outline, item, 'captions').filter(isTimed);
  return (
    resourcesOf(outline, item, 'transcript').find(isTimed) ??
    captions.find((candidate) => candidate.language === outline.language) ??
    captions[0]
  );
}

/** Undefined where the lesson has no chapters. */
export async function loadChapters(outline: Outline, item: Item): Promise<Chapter[] | undefined> {
  const source = resourcesOf(outline, item, 'chapters')[0];
  if (source === undefined) return undefined;
  const chapters = parseChapters((await fetchDocument(source.href)).document);
  return chapters.length > 0 ? chapters : undefined;
}

/** Undefined where the lesson has neither transcript nor captions. */
export async function loadCues(outline: Outline, item: Item): Promise<Cue[] | undefined> {
  const source = transcriptSourceOf(outline, item);
  if (source === undefined) return undefined;
  const cues = parseTimedText(await fetchText(source.href));
  return cues.length > 0 ? cues : undefined;
}

function isTimed(resource: Resource): boolean {
  return TIMED_TYPES.has(resource.type.split(';', 1)[0] as string);
}

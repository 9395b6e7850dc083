// Reads timed text (WebVTT, and SubRip, which differs in its decimal comma) into cues for the transcript. Pure.
// It keeps what was said and by whom; positions, regions and styles are the video's business.

/** One spoken passage. Times are seconds from the start. */
export interface Cue {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly speaker?: string;
}

const TIMING = /^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})/;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
};

/** Cues in order of time. Blocks that are not cues (notes, styles, regions) and broken ones are passed over. */
export function parseTimedText(source: string): Cue[] {
  const blocks = source
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/);
  const cues = blocks.flatMap((block) => parseBlock(block) ?? []);
  return cues.sort((left, right) => left.start - right.start);
}

function parseBlock(block: string): Cue | undefined {
  const lines = block.split('\n');
  const timingLine = lines.findIndex((line) => TIMING.test(line));
  // A cue has at most an identifier before its timing.
  if (timingLine < 0 || timingLine > 1) return undefined;
  const timing = TIMING.exec(lines[timingLine] as string) as RegExpExecArray;
  const start = parseClock(timing[1] as string);
  const end = parseClock(timing[2] as string);
  const payload = lines.slice(timingLine + 1).join(' ');
  const speaker = /<v(?:\.[^\s>]*)?\s+([^>]+)>/.exec(payload)?.[1];
  const text = plainText(payload);
  if (text === '' || end < start) return undefined;
  return speaker === undefined ? { start, end, text } : { start, end, text, speaker: plainText(speaker) };
}

function parseClock(clock: string): number {
  return clock
    .replace(',', '.')
    .split(':')
    .reduce((total, part) => total * 60 + Number(part), 0);
}

function plainText(payload: string): string {
  return payload
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (_, name: string) => ENTITIES[name] as string)
    .replace(/[ \t]+/g, ' ')
    .trim();
}

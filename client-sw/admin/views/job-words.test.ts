import { describe, expect, it } from 'vitest';
import type { JobEntry } from '../api/documents.ts';
import { jobBadge, jobFacts, jobTitle, remainingDamage } from './job-words.ts';

/** Sizes have a space in them at which no line breaks. */
const factsOf = (job: JobEntry): string[] => jobFacts(job).map((fact) => fact.replaceAll('\u00a0', ' '));

const NONE = { count: 0, bytes: 0 };
const GC: JobEntry = {
  id: '0193',
  kind: 'gc',
  state: 'running',
  started: '2026-11-30T00:00:00Z',
  seen: '2026-11-30T00:00:05Z',
  parameters: { delete: false, graceSeconds: 60 },
  progress: { area: 'blobs', objectsExamined: 500, removed: { count: 1, bytes: 1000 } },
};
const REPORT = {
  dryRun: true,
  objectsExamined: 300,
  removed: { count: 3, bytes: 3_000_000 },
  objects: { blob: { count: 2, bytes: 2_999_000 }, blob_pieces: { count: 1, bytes: 1000 } },
  staged: NONE,
  young: { count: 1, bytes: 5 },
  releasesRetired: 2,
  releasesSwept: 0,
  eventsRemoved: 0,
  leftBehind: 0,
};
const SCRUB: JobEntry = {
  ...GC,
  kind: 'scrub',
  state: 'done',
  parameters: {},
  progress: { blobs: 2, releases: 1, damaged: 2 },
  report: { blobs: 2, releases: 1, documents: 5, damaged: 2, mended: 1 },
};

describe('jobs in words', () => {
  it('say what is done', () => {
    expect(jobTitle(GC)).toBe('Count what nobody needs');
    expect(jobTitle({ ...GC, parameters: { delete: true } })).toBe('Remove what nobody needs');
    expect(jobTitle(SCRUB)).toBe('Read everything again');
    expect(jobTitle({ ...SCRUB, parameters: { tag: 'waves' } })).toBe('Read waves again');
    expect(jobTitle({ ...GC, kind: 'of-a-later-version' })).toBe('of-a-later-version');
  });

  it('say how far it is', () => {
    expect(factsOf(GC)).toEqual(['500 objects looked at', 'in blobs', '1 object (1 kB) nobody needs']);
    expect(factsOf({ ...GC, progress: {} })).toEqual([]);
    const { report: _, ...running } = SCRUB;
    expect(factsOf(running)).toEqual(['2 blobs read', '1 release read', '2 damaged or missing']);
  });

  it('say what came of it', () => {
    expect(factsOf({ ...GC, state: 'done', report: REPORT })).toEqual([
      '3 objects (3 MB) can be removed, of 300 looked at',
      'blob: 2 objects (3 MB)',
      'blob pieces: 1 object (1 kB)',
      '1 object (5 bytes) spared for now: written lately, or in use by an upload',
      '2 old releases would be retired',
    ]);
    expect(factsOf(SCRUB)).toEqual([
      '2 blobs and 5 documents of 1 release read',
      '2 damaged or missing, 1 of them mended',
    ]);
  });

  it('say how they stand', () => {
    expect(jobBadge(GC)).toEqual({ text: 'running', tone: 'quiet' });
    expect(jobBadge({ ...GC, state: 'lost' })).toEqual({ text: 'no sign of life', tone: 'bad' });
    expect(jobBadge({ ...GC, state: 'done', report: REPORT })).toEqual({ text: 'done', tone: 'good' });
    expect(jobBadge(SCRUB)).toEqual({ text: 'damage found', tone: 'bad' });
    expect(remainingDamage(SCRUB)).toBe(1);
    expect(remainingDamage(GC)).toBe(0);
  });
});

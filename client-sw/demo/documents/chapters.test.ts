import { describe, expect, it } from 'vitest';
import { parseChapters } from './chapters.ts';

describe('parseChapters', () => {
  it('reads titles and times in order and leaves out silent and malformed entries', () => {
    const document = {
      version: '1.2.0',
      chapters: [
        { startTime: 30, title: ' Second ' },
        { startTime: 0, title: 'First' },
        { startTime: 10, title: 'Silent', toc: false },
        { startTime: '5', title: 'Text for a number' },
        { startTime: 6 },
        null,
      ],
    };
    expect(parseChapters(document)).toEqual([
      { start: 0, title: 'First' },
      { start: 30, title: 'Second' },
    ]);
  });

  it.each([null, [], {}, { chapters: 'none' }, 'text'])('finds none in %j', (document) => {
    expect(parseChapters(document)).toEqual([]);
  });
});

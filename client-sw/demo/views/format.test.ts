import { describe, expect, it } from 'vitest';
import { formatClock, formatCount, formatDuration, formatLanguage } from './format.ts';

describe('formatDuration', () => {
  it.each([
    [0, '1 s'],
    [20.04, '20 s'],
    [59.6, '1 min'],
    [61.2, '1 min'],
    [3570, '1 h'],
    [4980, '1 h 23 min'],
    [Number.POSITIVE_INFINITY, ''],
  ])('%d seconds read %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('formatClock', () => {
  it.each([
    [0, '0:00'],
    [75.9, '1:15'],
    [3675, '1:01:15'],
    [Number.NaN, '0:00'],
    [-3, '0:00'],
  ])('%d seconds is at %s', (seconds, text) => {
    expect(formatClock(seconds)).toBe(text);
  });
});

describe('formatCount', () => {
  it('adds the plural only where there are several or none', () => {
    expect(formatCount(1, 'lesson')).toBe('1 lesson');
    expect(formatCount(0, 'episode')).toBe('0 episodes');
    expect(formatCount(4, 'lesson')).toBe('4 lessons');
  });
});

describe('formatLanguage', () => {
  it('names a language and keeps a tag that is none', () => {
    expect(formatLanguage('de')).toBe('German');
    expect(formatLanguage('not a tag')).toBe('not a tag');
  });
});

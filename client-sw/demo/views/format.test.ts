import { describe, expect, it } from 'vitest';
import { formatClock, formatCount, formatDuration, formatLanguage, formatSize } from './format.ts';

describe('formatSize', () => {
  it.each([
    [0, '0 bytes'],
    [812_345, '812 kB'],
    [999_500, '1 MB'],
    [3_456_789, '3.5 MB'],
    [57_900_000_000, '57.9 GB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(formatSize(bytes).replaceAll('\u00a0', ' ')).toBe(text);
  });

  it('is never broken between number and unit', () => {
    expect(formatSize(3_456_789)).not.toContain(' ');
  });
});

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
    expect(formatDuration(seconds)).toBe(text.replaceAll(' ', '\u00a0'));
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

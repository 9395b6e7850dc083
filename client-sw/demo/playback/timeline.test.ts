import { describe, expect, it } from 'vitest';
import { findCurrentIndex } from './timeline.ts';

describe('findCurrentIndex', () => {
  const entries = [{ start: 1 }, { start: 4 }, { start: 9 }];

  it.each([
    [0, -1],
    [1, 0],
    [3.9, 0],
    [4, 1],
    [100, 2],
  ])('at %d s entry %d is current', (seconds, index) => {
    expect(findCurrentIndex(entries, seconds)).toBe(index);
  });

  it('has none on an empty line', () => {
    expect(findCurrentIndex([], 5)).toBe(-1);
  });
});

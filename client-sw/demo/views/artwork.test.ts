import { describe, expect, it } from 'vitest';
import { initialOf } from './artwork.ts';

describe('initialOf', () => {
  it.each([
    ['field recording', 'F'],
    ['“Quoted”', 'Q'],
    ['101 ways', '1'],
    ['ñandú', 'Ñ'],
    ['𝒜lgebra', '𝒜'],
    ['…', '·'],
  ])('%s begins with %s', (title, initial) => {
    expect(initialOf(title)).toBe(initial);
  });
});

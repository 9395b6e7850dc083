/** A part of what is stored, to be read. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeSample } from '../src/transport/audit.ts';

const pieces = fc
  .array(fc.integer({ min: 1, max: 100 }), { maxLength: 30 })
  .map((lengths) => lengths.map((length, i) => ({ sha256: `${i}`, length, offset: 0 })));
const from = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a sample has no piece twice, no piece more than it needs, and all where that is no more than is asked for', () => {
  fc.assert(
    fc.property(pieces, from, fc.integer({ min: 1, max: 4000 }), (pieces, from, bytes) => {
      const sample = takeSample(pieces, { from, bytes });
      const sum = (some: typeof pieces) => some.reduce((sum, { length }) => sum + length, 0);
      expect(new Set(sample).size).toBe(sample.length);
      expect(sum(sample.slice(0, -1))).toBeLessThan(bytes);
      if (sum(sample) < bytes) expect(sample).toHaveLength(pieces.length);
    }),
  );
});

test('samples from everywhere reach every piece', () => {
  const row = Array.from({ length: 10 }, (_, i) => ({ sha256: `${i}`, length: 10, offset: 0 }));
  const seen = row.flatMap((_, i) => takeSample(row, { from: i / row.length, bytes: 1 }));
  expect(new Set(seen)).toEqual(new Set(row));
});

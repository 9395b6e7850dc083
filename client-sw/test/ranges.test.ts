/** The server's own cases for Range headers: both must decide alike. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_RANGES, planRange } from '../src/core/range.ts';
import { vectorFile } from './support/vectors.ts';

interface Case {
  name: string;
  size: number;
  range: string;
  expect: { status: number; parts?: [number, number][] };
}

const vectors: { maxRanges: number; cases: Case[] } = JSON.parse(
  readFileSync(vectorFile('ranges.json'), 'utf8'),
);

describe('shared vectors', () => {
  test('there are cases, and the limit is the same', () => {
    expect(vectors.cases.length).toBeGreaterThan(40);
    expect(MAX_RANGES).toBe(vectors.maxRanges);
  });

  test.each(vectors.cases)('$name', ({ size, range, expect: { status, parts } }) => {
    expect(planRange(range, size)).toEqual(parts ? { status, parts } : { status });
  });
});

describe('properties', () => {
  const size = fc.nat({ max: 1_000_000 });

  test('every answered part lies inside the asset, in ascending order and apart from its neighbours', () => {
    const spec = fc.oneof(
      fc.tuple(size, size).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      size.map((a) => `${a}-`),
      size.map((a) => `-${a}`),
    );
    fc.assert(
      fc.property(fc.array(spec, { minLength: 1, maxLength: 20 }), size, (specs, bytes) => {
        const plan = planRange(`bytes=${specs.join(',')}`, bytes);
        if (plan.status !== 206) return;
        let before = -2;
        for (const [first, last] of plan.parts) {
          expect(first).toBeGreaterThan(before + 1);
          expect(last).toBeGreaterThanOrEqual(first);
          expect(last).toBeLessThan(bytes);
          before = last;
        }
      }),
    );
  });

  test('no header whatever makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), size, (header, bytes) => {
        expect([200, 206, 416]).toContain(planRange(`bytes=${header}`, bytes).status);
        expect([200, 206, 416]).toContain(planRange(header, bytes).status);
      }),
    );
  });
});

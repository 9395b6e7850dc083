/** A part of what is stored, to be read: which download's turn it is, and how far. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseSample } from '../src/page/upkeep/choose-sample.ts';
import type { DownloadRecord } from '../src/storage/schema.ts';
import { takeSample } from '../src/transport/audit.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const rowOf = (lengths: readonly number[]) =>
  lengths.map((length, i) => ({ sha256: `${i}`, length, offset: 0 }));
const lengths = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 30 });
const sum = (some: readonly { length: number }[]) => some.reduce((sum, { length }) => sum + length, 0);

test('a sample has no piece more than it needs, and ends early only with the row', () => {
  fc.assert(
    fc.property(lengths, fc.nat(40), fc.integer({ min: 1, max: 4000 }), (lengths, from, bytes) => {
      const row = rowOf(lengths);
      const { pieces, next } = takeSample(row, { from, bytes });
      expect(sum(pieces.slice(0, -1))).toBeLessThan(bytes);
      if (sum(pieces) < bytes) expect(next).toBe(0);
    }),
  );
});

test('samples that go on from each other read every piece once, and begin anew', () => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 400 }), (lengths, bytes) => {
      const row = rowOf(lengths);
      const read = [];
      let next = 0;
      do {
        const sample = takeSample(row, { from: next, bytes });
        read.push(...sample.pieces);
        next = sample.next;
      } while (next > 0);
      expect(read).toEqual(row);
    }),
  );
});

/** As far as the choice goes by it. */
function record(id: string, createdAt: number, sampled?: DownloadRecord['sampled']): DownloadRecord {
  return { id, createdAt, sampled } as DownloadRecord;
}

const choose = (records: DownloadRecord[], now: number) => chooseSample(records, records, now)?.id;

test('what was begun is read to its end, then it is the turn of what was verified longest ago', () => {
  const now = 100 * DAY_MS;
  const days = (days: number) => now - days * DAY_MS;
  const old = record('old', days(90), { at: days(3), next: 0 });
  const fresh = record('fresh', days(2));
  expect(choose([old, fresh], now)).toBe('old');
  expect(choose([old, fresh, record('begun', days(1), { at: days(1), next: 7 })], now)).toBe('begun');
});

test('one is read a day, also where that one is not whole any more', () => {
  const now = 100 * DAY_MS;
  const whole = record('whole', 0);
  const other = record('other', 0, { at: now - DAY_MS + 1, next: 0 });
  expect(chooseSample([whole, other], [whole], now)).toBeUndefined();
  expect(chooseSample([whole, other], [whole], now + 1)?.id).toBe('whole');
});

test('a date that is yet to come neither stops the reading nor has it repeated at every start', () => {
  const now = 100 * DAY_MS;
  const ahead = record('ahead', 0, { at: 2 * now, next: 0 });
  const other = record('other', 0);
  expect(choose([other, ahead], now)).toBeDefined();
  expect(choose([{ ...other, sampled: { at: now, next: 0 } }, ahead], now + 1)).toBeUndefined();
});

test('in time everything is read, also while something new comes each day', () => {
  const row = rowOf([10, 10, 10, 10]);
  let records = [record('a', 0), record('b', 1)];
  const read = new Map<string, number>();
  for (let day = 1; day <= 30; day += 1) {
    const now = day * DAY_MS;
    const chosen = chooseSample(records, records, now);
    if (!chosen) throw new Error('a day has passed');
    const { pieces, next } = takeSample(row, { from: chosen.sampled?.next ?? 0, bytes: 15 });
    read.set(chosen.id, (read.get(chosen.id) ?? 0) + pieces.length);
    const noted = { ...chosen, sampled: { at: now, next } };
    records = [...records.map((one) => (one === chosen ? noted : one)), record(`new ${day}`, now)];
  }
  for (const id of ['a', 'b', 'new 1', 'new 2', 'new 3']) expect(read.get(id), id).toBeGreaterThanOrEqual(4);
});

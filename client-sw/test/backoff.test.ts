/** When a failed try is repeated. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideRetry, delayMs, parseRetryAfter } from '../src/core/backoff.ts';
import { IntegrityError } from '../src/errors/integrity-error.ts';
import { NetworkError } from '../src/errors/network-error.ts';
import { QuotaError } from '../src/errors/quota-error.ts';

const URL = 'https://example.org/';

test('delays double from a second to half a minute, of which at least half is waited', () => {
  expect([1, 2, 3, 4, 5, 6, 60].map((attempts) => delayMs(attempts, 1))).toEqual([
    1000, 2000, 4000, 8000, 16000, 30000, 30000,
  ]);
  expect(delayMs(1, 0)).toBe(500);
});

test('a network that is away is never given up', () => {
  expect(decideRetry(new NetworkError(URL, 0), 1_000, 0.5)).toMatchObject({ kind: 'wait', offline: true });
});

test('a server in trouble is asked ten times, a missing file three, a damaged one four', () => {
  const tries = (error: NetworkError | IntegrityError) => {
    let attempts = 1;
    while (decideRetry(error, attempts, 0.5).kind === 'wait') attempts += 1;
    return attempts;
  };
  expect(tries(new NetworkError(URL, 503))).toBe(10);
  expect(tries(new NetworkError(URL, 404))).toBe(3);
  expect(tries(new IntegrityError('x'))).toBe(4);
});

test('what repeating cannot help ends at once', () => {
  expect(decideRetry(new QuotaError(), 1, 0.5)).toEqual({ kind: 'give-up' });
  expect(decideRetry(new NetworkError(URL, 403), 1, 0.5)).toEqual({ kind: 'give-up' });
});

test('Retry-After is honoured, up to ten minutes', () => {
  expect(decideRetry(new NetworkError(URL, 429, 45_000), 1, 0.5)).toMatchObject({ delayMs: 45_000 });
  expect(decideRetry(new NetworkError(URL, 429, 1e9), 1, 0.5)).toMatchObject({ delayMs: 600_000 });
});

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.UTC(2026, 10, 22, 10, 0, 0);
  expect(parseRetryAfter('120', now)).toBe(120_000);
  expect(parseRetryAfter('Sun, 22 Nov 2026 10:00:30 GMT', now)).toBe(30_000);
  expect(parseRetryAfter('Sun, 22 Nov 2026 09:00:00 GMT', now)).toBe(0);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect(parseRetryAfter(null, now)).toBeUndefined();
});

test('no delay is longer than its ceiling or shorter than half of it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, random) => {
        const ceiling = Math.min(30_000, 1000 * 2 ** (attempts - 1));
        expect(delayMs(attempts, random)).toBeGreaterThanOrEqual(ceiling / 2);
        expect(delayMs(attempts, random)).toBeLessThanOrEqual(ceiling);
      },
    ),
  );
});

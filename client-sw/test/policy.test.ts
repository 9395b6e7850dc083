/** When downloads wait, and when a release has expired. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expiryOf, isExpired } from '../src/core/expiry.ts';
import { findObstacle } from '../src/core/policy.ts';
import { publish } from './support/release.ts';

test('Wi-Fi only waits on mobile data, and only there', () => {
  const obstacle = (networkType?: string) => findObstacle({ metered: 'wait' }, { networkType });
  expect(obstacle('cellular')).toBe('metered');
  for (const type of ['wifi', 'ethernet', 'unknown', undefined]) expect(obstacle(type)).toBeUndefined();
});

test('data saver is honoured where the site says so', () => {
  expect(findObstacle({ saveData: 'wait' }, { saveData: true })).toBe('metered');
  expect(findObstacle({ saveData: 'wait' }, { saveData: false })).toBeUndefined();
  expect(findObstacle({}, { saveData: true, networkType: 'cellular' })).toBeUndefined();
});

test('a low battery waits for the charger', () => {
  const obstacle = (batteryLevel: number, charging: boolean) =>
    findObstacle({ minimumBattery: 0.2 }, { batteryLevel, charging });
  expect(obstacle(0.1, false)).toBe('battery');
  expect(obstacle(0.1, true)).toBeUndefined();
  expect(obstacle(0.2, false)).toBeUndefined();
});

test('a browser that tells nothing is never waited for', () => {
  fc.assert(
    fc.property(
      fc.record({
        metered: fc.constantFrom('allow', 'wait'),
        saveData: fc.constantFrom('allow', 'wait'),
        minimumBattery: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      (policy) => findObstacle(policy, {}) === undefined,
    ),
  );
});

test('a release expires at its moment, one with a moment that is none at once, and one without never', async () => {
  const { manifest } = await publish({ 'a.mp4': 10 });
  expect(isExpired(expiryOf(manifest), Number.MAX_SAFE_INTEGER)).toBe(false);
  manifest.download.expires = '2026-11-22T10:00:00Z';
  const then = Date.UTC(2026, 10, 22, 10);
  expect([isExpired(expiryOf(manifest), then - 1), isExpired(expiryOf(manifest), then)]).toEqual([
    false,
    true,
  ]);
  manifest.download.expires = 'soon';
  expect(isExpired(expiryOf(manifest), 0)).toBe(true);
});

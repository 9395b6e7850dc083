/** When downloads wait, and when a release has expired. */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { expiryOf, isExpired } from '../src/core/expiry.ts';
import { findObstacle, isWithin } from '../src/core/policy.ts';
import { obstacleNow, watchConditions } from '../src/transport/conditions.ts';
import { publish } from './support/release.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

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

test('hours of the night go over midnight, those of the day do not, and the last one is not among them', () => {
  const night = (hour: number) => findObstacle({ hours: { from: 22, to: 6.5 } }, { hour });
  expect([22, 23.99, 0, 6.49].map(night)).toEqual(Array(4).fill(undefined));
  expect([6.5, 12, 21.99].map(night)).toEqual(Array(3).fill('schedule'));
  const day = (hour: number) => findObstacle({ hours: { from: 9, to: 17 } }, { hour });
  expect([day(9), day(16.99), day(17), day(8.99), day(0)]).toEqual([
    undefined,
    undefined,
    ...Array(3).fill('schedule'),
  ]);
});

test('hours and the other hours share the day without a gap', () => {
  const hour = fc.double({ min: 0, max: 24, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(hour, hour, hour, (from, to, now) => {
      const within = isWithin({ from, to }, now);
      return from === to ? within : within !== isWithin({ from: to, to: from }, now);
    }),
  );
});

test('a browser that tells nothing is never waited for', () => {
  fc.assert(
    fc.property(
      fc.record({
        metered: fc.constantFrom('allow', 'wait'),
        saveData: fc.constantFrom('allow', 'wait'),
        minimumBattery: fc.double({ min: 0, max: 1, noNaN: true }),
        hours: fc.record({ from: fc.nat(24), to: fc.nat(24) }),
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

test('the hour is told of once when it has come, also after the device has slept, and not after the page is closed', async () => {
  vi.stubGlobal('navigator', {});
  vi.useFakeTimers({ now: new Date(2026, 10, 22, 21, 58) });
  const policy = { hours: { from: 22, to: 6 } };
  const told = vi.fn();
  const page = new AbortController();
  await watchConditions(policy, told, page.signal);
  expect(await obstacleNow(policy)).toBe('schedule');
  vi.advanceTimersByTime(60_000);
  expect(told).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(told).toHaveBeenCalledOnce();
  expect(await obstacleNow(policy)).toBeUndefined();
  vi.setSystemTime(new Date(2026, 10, 23, 21, 0));
  vi.advanceTimersByTime(60_000);
  vi.setSystemTime(new Date(2026, 10, 23, 23, 0));
  vi.advanceTimersByTime(10 * 60_000);
  expect(told).toHaveBeenCalledTimes(2);
  page.abort();
  expect(vi.getTimerCount()).toBe(0);
});

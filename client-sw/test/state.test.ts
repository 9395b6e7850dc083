/** The state machine, as a specification. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUnfinished, nextStatus, type StateEvent, type Status } from '../src/core/state.ts';

const ERROR = { code: 'server-error', message: 'x' } as const;
const USER: Status = { state: 'paused', pauseReason: 'user' };
const OFFLINE: Status = { state: 'paused', pauseReason: 'offline' };

test('a download goes from planned to complete by way of downloading and verifying', () => {
  let now: Status = { state: 'planned' };
  for (const [event, state] of [
    [{ type: 'start' }, 'downloading'],
    [{ type: 'verify' }, 'verifying'],
    [{ type: 'complete' }, 'complete'],
  ] as const) {
    now = nextStatus(now, event) ?? now;
    expect(now.state).toBe(state);
  }
});

test('the pause of a person is ended by nothing but a person', () => {
  for (const event of [
    { type: 'recover' },
    { type: 'pause', reason: 'offline' },
    { type: 'pause', reason: 'browser' },
    { type: 'fail', error: ERROR },
    { type: 'verify' },
    { type: 'continue' },
  ] as const) {
    expect(nextStatus(USER, event), event.type).toBeUndefined();
  }
  expect(nextStatus(USER, { type: 'start' })).toEqual({ state: 'downloading' });
});

test('waiting for the network ends when bytes come', () => {
  expect(nextStatus(OFFLINE, { type: 'recover' })).toEqual({ state: 'downloading' });
});

test('a person may pause what waits for the network', () => {
  expect(nextStatus(OFFLINE, { type: 'pause', reason: 'user' })).toEqual(USER);
});

test('what was found complete while it was paused is complete', () => {
  expect(nextStatus(USER, { type: 'complete' })).toEqual({ state: 'complete' });
});

test('a failure is kept with its reason, and a retry forgets it', () => {
  const failed = nextStatus({ state: 'downloading' }, { type: 'fail', error: ERROR });
  expect(failed).toEqual({ state: 'failed', error: ERROR });
  expect(failed && nextStatus(failed, { type: 'start' })).toEqual({ state: 'downloading' });
});

test('what was complete is repaired when it is damaged, without being asked', () => {
  const damaged = nextStatus({ state: 'complete' }, { type: 'damage' });
  expect(damaged).toEqual({ state: 'damaged' });
  expect(damaged && isUnfinished(damaged)).toBe(true);
  expect(damaged && nextStatus(damaged, { type: 'complete' })).toEqual({ state: 'complete' });
});

test('what has expired waits for somebody to renew it', () => {
  const stale = nextStatus({ state: 'complete' }, { type: 'expire' });
  expect(stale).toEqual({ state: 'stale' });
  expect(stale && isUnfinished(stale)).toBe(false);
  for (const type of ['damage', 'recover', 'complete', 'verify'] as const)
    expect(stale && nextStatus(stale, { type }), type).toBeUndefined();
  expect(stale && nextStatus(stale, { type: 'start' })).toEqual({ state: 'downloading' });
});

test.each(['offline', 'metered', 'battery', 'schedule'] as const)(
  'a pause for %s ends by itself, and a person may make it one of their own',
  (reason) => {
    const waiting = nextStatus({ state: 'downloading' }, { type: 'pause', reason });
    expect(waiting && isUnfinished(waiting)).toBe(true);
    expect(waiting && nextStatus(waiting, { type: 'recover' })).toEqual({ state: 'downloading' });
    expect(waiting && nextStatus(waiting, { type: 'pause', reason: 'user' })).toEqual(USER);
  },
);

test('a pause that waits stays what it is when the browser tells that its Background Fetch has ended', () => {
  for (const reason of ['metered', 'battery'] as const)
    expect(
      nextStatus({ state: 'paused', pauseReason: reason }, { type: 'pause', reason: 'browser' }),
    ).toBeUndefined();
  expect(nextStatus({ state: 'downloading' }, { type: 'pause', reason: 'browser' })).toEqual({
    state: 'paused',
    pauseReason: 'browser',
  });
});

test('what is complete neither fails nor pauses', () => {
  expect(nextStatus({ state: 'complete' }, { type: 'fail', error: ERROR })).toBeUndefined();
  expect(nextStatus({ state: 'complete' }, { type: 'pause', reason: 'user' })).toBeUndefined();
});

test('whatever happens, no state is a dead end for a person who asks again', () => {
  const event = fc.oneof(
    fc.constantFrom<StateEvent>(
      { type: 'recover' },
      { type: 'verify' },
      { type: 'continue' },
      { type: 'complete' },
      { type: 'fail', error: ERROR },
      { type: 'pause', reason: 'user' },
      { type: 'pause', reason: 'browser' },
      { type: 'pause', reason: 'offline' },
      { type: 'pause', reason: 'metered' },
      { type: 'damage' },
      { type: 'expire' },
    ),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      let now: Status = { state: 'planned' };
      for (const one of events) now = nextStatus(now, one) ?? now;
      expect(nextStatus(now, { type: 'start' })).toEqual({ state: 'downloading' });
      expect(isUnfinished(now)).toBe(
        ['planned', 'downloading', 'verifying', 'damaged'].includes(now.state) ||
          ['offline', 'metered'].includes(now.pauseReason ?? ''),
      );
    }),
  );
});

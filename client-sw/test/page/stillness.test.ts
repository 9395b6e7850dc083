/** A download of which no byte comes is noticed, once, and only while somebody could see it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Stillness } from '../../src/page/element/stillness.ts';
import type { Download } from '../../src/protocol/download.ts';

const A_WHILE_MS = 180_000;
const TOTAL = 100;

let page: EventTarget & { hidden: boolean };
let onStill: ReturnType<typeof vi.fn<() => void>>;
let stillness: Stillness;

beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal('document', page);
  onStill = vi.fn();
  stillness = new Stillness(onStill);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const FETCH = { id: 't', state: 'downloading', transport: 'background-fetch', bytesTotal: TOTAL };

function note(bytesReceived: number, state: Download['state'] = 'downloading') {
  return stillness.note({ ...FETCH, state, bytesReceived } as Download);
}

function show(visible: boolean) {
  page.hidden = !visible;
  page.dispatchEvent(new Event('visibilitychange'));
}

test('is told of once, after three minutes without a byte', () => {
  note(7);
  vi.advanceTimersByTime(A_WHILE_MS - 1);
  expect([stillness.isStill, onStill.mock.calls.length]).toEqual([false, 0]);
  vi.advanceTimersByTime(1);
  expect([stillness.isStill, onStill.mock.calls.length]).toEqual([true, 1]);
  // The library looks every few seconds, and tells what it has told before.
  for (let look = 0; look < 100; look += 1) {
    expect(note(7)).toBe(false);
    vi.advanceTimersByTime(10_000);
  }
  expect([stillness.isStill, onStill.mock.calls.length]).toEqual([true, 1]);
});

test('is not told of while bytes come, however few', () => {
  for (let bytes = 0; bytes < 10; bytes += 1) {
    note(bytes);
    vi.advanceTimersByTime(A_WHILE_MS - 1);
  }
  expect(onStill).not.toHaveBeenCalled();
});

test.each([
  ['the next byte', () => note(8)],
  ['another state', () => note(7, 'paused')],
  ['a removal', () => stillness.note(undefined)],
])('is over with %s', (_what, end) => {
  note(7);
  vi.advanceTimersByTime(A_WHILE_MS);
  expect(end()).toBe(true);
  expect(stillness.isStill).toBe(false);
});

test('is told of again when bytes came and cease', () => {
  note(7);
  vi.advanceTimersByTime(A_WHILE_MS);
  note(8);
  vi.advanceTimersByTime(A_WHILE_MS);
  expect(onStill).toHaveBeenCalledTimes(2);
});

test.each(['planned', 'verifying', 'paused', 'complete', 'damaged', 'stale', 'failed'] as const)(
  'is none of a download that is %s: no bytes are awaited, or not through the network',
  (state) => {
    note(7, state);
    vi.advanceTimersByTime(10 * A_WHILE_MS);
    expect(onStill).not.toHaveBeenCalled();
  },
);

test('is none of a download by pieces: it may wait as long as its server has asked', () => {
  stillness.note({ ...FETCH, transport: 'pieces', bytesReceived: 7 } as Download);
  vi.advanceTimersByTime(10 * A_WHILE_MS);
  expect(onStill).not.toHaveBeenCalled();
});

test('is none of a download whose bytes are all there: the browser may be copying them', () => {
  note(TOTAL);
  vi.advanceTimersByTime(10 * A_WHILE_MS);
  expect(onStill).not.toHaveBeenCalled();
});

describe('a page that is not seen', () => {
  test('is told of nothing, and begins to wait when it is seen', () => {
    note(7);
    vi.advanceTimersByTime(A_WHILE_MS - 1);
    show(false);
    vi.advanceTimersByTime(10 * A_WHILE_MS);
    expect(onStill).not.toHaveBeenCalled();
    show(true);
    vi.advanceTimersByTime(A_WHILE_MS - 1);
    expect(onStill).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onStill).toHaveBeenCalledOnce();
  });

  test('still says what was said before', () => {
    note(7);
    vi.advanceTimersByTime(A_WHILE_MS);
    show(false);
    show(true);
    vi.advanceTimersByTime(A_WHILE_MS);
    expect([stillness.isStill, onStill.mock.calls.length]).toEqual([true, 1]);
  });

  test('is not listened to once no bytes are awaited', () => {
    const forget = vi.spyOn(page, 'removeEventListener');
    note(7);
    stillness.note(undefined);
    expect(forget).toHaveBeenCalledWith('visibilitychange', expect.any(Function));
    show(true);
    vi.advanceTimersByTime(A_WHILE_MS);
    expect(onStill).not.toHaveBeenCalled();
  });
});

import { describe, expect, it } from 'vitest';
import { isRunning, percentOf } from './publish-state.ts';

describe('how far a publish is', () => {
  it('only grows on its way', () => {
    const sending = { step: 'sending', files: 0, totalFiles: 2, waiting: undefined } as const;
    const way = [
      percentOf({ step: 'reading', bytes: 0, totalBytes: 10 }),
      percentOf({ step: 'reading', bytes: 10, totalBytes: 10 }),
      percentOf({ step: 'asking' }),
      percentOf({ ...sending, bytes: 0, totalBytes: 10 }),
      percentOf({ ...sending, bytes: 10, totalBytes: 10 }),
      percentOf({ step: 'making' }),
    ];
    expect(way).toEqual([0, 20, 20, 20, 99, 99]);
  });

  it('stays in bounds', () => {
    expect(percentOf({ step: 'reading', bytes: 0, totalBytes: 0 })).toBe(20);
    const lost = {
      step: 'sending',
      bytes: -5,
      totalBytes: 10,
      files: 0,
      totalFiles: 1,
      waiting: undefined,
    } as const;
    expect(percentOf(lost)).toBe(20);
  });

  it('is nothing when none runs', () => {
    expect(percentOf({ step: 'idle' })).toBeUndefined();
    expect(percentOf({ step: 'stopped' })).toBeUndefined();
    expect(isRunning({ step: 'done', release: 1, isNew: true, bytesSent: 0 })).toBe(false);
    expect(isRunning({ step: 'making' })).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { decidePlaybackProblem, playbackNotice } from './playback-problem.ts';

describe('decidePlaybackProblem', () => {
  it.each([
    [false, undefined, 'offline'],
    [true, undefined, 'unreachable'],
    [true, 503, 'unreachable'],
    [false, 504, 'offline'],
    [true, 404, 'missing'],
    [true, 206, 'unplayable'],
    [false, 206, 'unplayable'],
  ] as const)('online %s, status %s: %s', (isOnline, status, problem) => {
    expect(decidePlaybackProblem(isOnline, status)).toBe(problem);
  });
});

describe('playbackNotice', () => {
  it('offers the audio where there is one', () => {
    const listen = (): void => undefined;
    expect(playbackNotice('offline', () => undefined, listen).action).toEqual({
      label: 'Listen only',
      run: listen,
    });
    expect(playbackNotice('offline', () => undefined).action?.label).toBe('Try again');
  });
});

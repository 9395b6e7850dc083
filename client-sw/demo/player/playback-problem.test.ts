import { describe, expect, it } from 'vitest';
import { decidePlaybackProblem, playbackNotice } from './playback-problem.ts';

describe('decidePlaybackProblem', () => {
  it.each([
    [false, undefined, 2, 'offline'],
    [true, undefined, 4, 'unreachable'],
    [true, 503, 4, 'server'],
    [false, 504, 4, 'offline'],
    [true, 403, 4, 'refused'],
    [true, 404, 4, 'missing'],
    [true, 206, 2, 'interrupted'],
    [true, 206, 3, 'damaged'],
    [true, 206, 4, 'unsupported'],
    [false, 206, undefined, 'unsupported'],
  ] as const)('online %s, status %s, media fault %s: %s', (isOnline, status, fault, problem) => {
    expect(decidePlaybackProblem(isOnline, status, fault)).toBe(problem);
  });
});

describe('playbackNotice', () => {
  it('has a title of its own for every problem', () => {
    const problems = [
      'offline',
      'unreachable',
      'refused',
      'server',
      'missing',
      'interrupted',
      'damaged',
      'unsupported',
    ] as const;
    const titles = problems.map((problem) => playbackNotice(problem, () => undefined).title);
    expect(new Set(titles).size).toBe(problems.length);
  });

  it('offers the audio where there is one', () => {
    const listen = (): void => undefined;
    expect(playbackNotice('offline', () => undefined, listen).action).toEqual({
      label: 'Listen only',
      run: listen,
    });
    expect(playbackNotice('offline', () => undefined).action?.label).toBe('Try again');
  });
});

import { describe, expect, it } from 'vitest';
import { countNewBytes } from './update-check.ts';

const file = (name: string, size: number): object => ({
  href: `/blobs/${name}/f`,
  size,
  properties: { digest: `sha256:${name}` },
});

const manifest = (readingOrder: object[], resources: object[], hrefs: string[]): object => ({
  readingOrder,
  resources,
  download: { selections: [{ id: 'everything', hrefs }] },
});

const stored = manifest([{ children: [file('a', 10), file('b', 20)] }], [file('cover', 1)], []);

describe('countNewBytes', () => {
  it('counts what is new, in modules and alternates too, each blob once', () => {
    const lesson = { ...file('c', 300), alternate: [file('c-audio', 40)] };
    const current = manifest(
      [{ children: [file('a', 10), lesson] }],
      [file('cover', 1), file('c', 300)],
      ['/blobs/a/f', '/blobs/c/f', '/blobs/c-audio/f', '/blobs/cover/f'],
    );
    expect(countNewBytes(stored, current, 'everything')).toBe(340);
  });

  it('leaves out what the selection does not have', () => {
    const current = manifest([file('c', 300), file('d', 5)], [], ['/blobs/d/f']);
    expect(countNewBytes(stored, current, 'everything')).toBe(5);
    expect(countNewBytes(stored, current, 'audio')).toBe(0);
  });

  it('is 0 where only titles changed', () => {
    expect(countNewBytes(stored, stored, 'everything')).toBe(0);
  });
});

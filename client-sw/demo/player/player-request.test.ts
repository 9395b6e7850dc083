import { describe, expect, it } from 'vitest';
import { readOutline } from '../documents/outline.ts';
import { parsePlayerRequest, selectItem } from './player-request.ts';

const lesson = (path: string): object => ({
  href: `/blobs/ab/${path}`,
  type: 'audio/mpeg',
  title: path,
  properties: { path },
});

const outline = readOutline(
  {
    readingOrder: [lesson('a.mp3'), { title: 'Module', children: [lesson('m/b.mp3'), lesson('m/c.mp3')] }],
    download: { tag: 't', release: 1 },
  },
  'http://example.org/tags/t/manifest.json',
);

describe('parsePlayerRequest', () => {
  it('reads tag, item and starting time', () => {
    expect(parsePlayerRequest('?tag=t&item=m%2Fb+1.mp3', '#t=12.5')).toEqual({
      tag: 't',
      path: 'm/b 1.mp3',
      startSeconds: 12.5,
    });
    expect(parsePlayerRequest('?tag=t&item=', '#main')).toEqual({ tag: 't' });
  });

  it.each(['', '?tag=', '?item=a.mp3'])('has nothing to play for %j', (search) => {
    expect(parsePlayerRequest(search, '')).toBeUndefined();
  });
});

describe('selectItem', () => {
  it('knows the neighbours over the borders of modules', () => {
    expect(selectItem(outline, 'm/b.mp3')).toMatchObject({
      item: { path: 'm/b.mp3' },
      number: 2,
      count: 3,
      sectionTitle: 'Module',
      previous: { path: 'a.mp3' },
      next: { path: 'm/c.mp3' },
    });
  });

  it('takes the first lesson where none is named, which has none before it', () => {
    expect(selectItem(outline, undefined)?.item.path).toBe('a.mp3');
    expect(selectItem(outline, undefined)).not.toHaveProperty('previous');
    expect(selectItem(outline, 'm/c.mp3')).not.toHaveProperty('next');
  });

  it('finds no lesson that the release does not have', () => {
    expect(selectItem(outline, 'gone.mp3')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { coverOf, listItems, readOutline, resourcesOf } from './outline.ts';

const BASE = 'http://example.org/tags/t/manifest.json';

const lesson = (path: string, more: object = {}): object => ({
  href: `/blobs/ab/${path}`,
  type: 'video/mp4',
  title: `Lesson ${path}`,
  size: 10,
  duration: 20,
  properties: { path, identifier: `urn:uuid:${path}` },
  ...more,
});

const manifest = (readingOrder: unknown[], resources: unknown[] = []): object => ({
  metadata: { '@type': 'https://schema.org/Course', title: 'Field Recording' },
  readingOrder,
  resources,
  download: { tag: 't', release: 2, selections: [{ id: 'everything', downloadTotal: 99 }] },
});

describe('readOutline', () => {
  it('reads modules as sections and keeps the order', () => {
    const outline = readOutline(
      manifest([
        lesson('0.mp4'),
        { title: 'Basics', children: [lesson('1/a.mp4'), lesson('1/b.mp4')] },
        lesson('9.mp4'),
      ]),
      BASE,
    );
    expect(outline.sections.map((section) => [section.title, section.items.length])).toEqual([
      [undefined, 1],
      ['Basics', 2],
      [undefined, 1],
    ]);
    expect(listItems(outline).map((item) => item.path)).toEqual(['0.mp4', '1/a.mp4', '1/b.mp4', '9.mp4']);
    expect(outline).toMatchObject({ tag: 't', release: 2, downloadTotal: 99, kind: { item: 'lesson' } });
  });

  it('resolves addresses and keeps the audio alternate', () => {
    const alternate = [{ href: '/blobs/cd/a.m4a', type: 'audio/mp4', properties: { path: 'a.m4a' } }];
    const [item] = listItems(readOutline(manifest([lesson('a.mp4', { alternate })]), BASE));
    expect(item?.href).toBe('http://example.org/blobs/ab/a.mp4');
    expect(item?.alternates[0]?.href).toBe('http://example.org/blobs/cd/a.m4a');
  });

  it('leaves out what cannot be played or must not be loaded', () => {
    const outline = readOutline(
      manifest([
        lesson('a.mp4', { href: 'javascript:alert(1)' }),
        lesson('b.html', { type: 'text/html' }),
        'text',
      ]),
      BASE,
    );
    expect(listItems(outline)).toEqual([]);
  });

  it('finds what belongs to a lesson and the cover of the tag', () => {
    const outline = readOutline(
      manifest(
        [lesson('a.mp4'), lesson('b.mp4')],
        [
          {
            rel: 'cover',
            href: '/blobs/ef/cover.jpg',
            type: 'image/jpeg',
            properties: { path: 'cover.jpg' },
          },
          {
            rel: 'captions',
            href: '/blobs/12/a.vtt',
            type: 'text/vtt',
            language: 'en',
            properties: { path: 'a.vtt', for: 'a.mp4' },
          },
        ],
      ),
      BASE,
    );
    const [first, second] = listItems(outline);
    if (first === undefined || second === undefined) throw new Error('two lessons were given');
    expect(resourcesOf(outline, first, 'captions').map((resource) => resource.language)).toEqual(['en']);
    expect(resourcesOf(outline, second, 'captions')).toEqual([]);
    expect(coverOf(outline)?.path).toBe('cover.jpg');
  });

  it.each([null, {}, { readingOrder: [] }, { download: { tag: 't' } }])('refuses %j', (document) => {
    expect(() => readOutline(document, BASE)).toThrow(/not a download manifest/);
  });
});

import { describe, expect, it } from 'vitest';
import { parseCataloguePage } from './catalogue.ts';
import { describeKind, kindOf } from './kind.ts';

const BASE = 'http://example.org/tags';

describe('parseCataloguePage', () => {
  it('reads what a card shows and where the next page is', () => {
    const page = parseCataloguePage(
      {
        metadata: { title: 'Evening school' },
        links: [
          { rel: 'self', href: '/tags' },
          { rel: 'next', href: '/tags?after=t&limit=50' },
        ],
        publications: [
          {
            metadata: {
              '@type': 'https://schema.org/Course',
              title: 'Field Recording',
              author: 'A. Author',
              duration: 61.2,
            },
            images: [{ href: '/blobs/ab/cover.jpg', type: 'image/jpeg' }],
            download: { tag: 't', release: 1, digest: 'sha256:ab', items: 4, downloadTotal: 3456789 },
          },
        ],
      },
      BASE,
    );
    expect(page).toEqual({
      title: 'Evening school',
      nextHref: 'http://example.org/tags?after=t&limit=50',
      entries: [
        {
          tag: 't',
          title: 'Field Recording',
          author: 'A. Author',
          kind: { name: 'Course', item: 'lesson' },
          duration: 61.2,
          itemCount: 4,
          downloadTotal: 3456789,
          coverHref: 'http://example.org/blobs/ab/cover.jpg',
        },
      ],
    });
  });

  it('names a tag without a title by its tag and leaves out what is no tag', () => {
    const page = parseCataloguePage(
      { publications: [{ download: { tag: 'bare' } }, { metadata: { title: 'elsewhere' } }, null] },
      BASE,
    );
    expect(page.entries).toEqual([
      { tag: 'bare', title: 'bare', kind: { name: 'Collection', item: 'item' } },
    ]);
    expect(page.nextHref).toBeUndefined();
  });

  it('drops a cover that is no web address', () => {
    const page = parseCataloguePage(
      { publications: [{ images: [{ href: 'javascript:1' }], download: { tag: 't' } }] },
      BASE,
    );
    expect(page.entries[0]?.coverHref).toBeUndefined();
  });

  it.each([null, [], {}, { publications: {} }])('refuses %j', (document) => {
    expect(() => parseCataloguePage(document, BASE)).toThrow(/not a catalogue/);
  });
});

describe('kindOf', () => {
  it('knows schema.org names with and without their address', () => {
    expect(describeKind(kindOf('https://schema.org/PodcastSeries'), 3)).toBe('Podcast · 3 episodes');
    expect(describeKind(kindOf('Course'), 1)).toBe('Course · 1 lesson');
  });

  it('calls anything else a collection', () => {
    expect(kindOf('constructor').name).toBe('Collection');
    expect(kindOf(undefined).name).toBe('Collection');
  });
});

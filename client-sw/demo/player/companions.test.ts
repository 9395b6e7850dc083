import { describe, expect, it } from 'vitest';
import { listItems, type Outline, readOutline } from '../documents/outline.ts';
import { transcriptSourceOf } from './companions.ts';

const companion = (rel: string, path: string, type: string, language?: string): object => ({
  rel,
  type,
  language,
  href: `/blobs/ab/${path}`,
  properties: { path, for: 'a.mp3' },
});

const outlineWith = (...resources: object[]): Outline =>
  readOutline(
    {
      metadata: { language: 'de' },
      readingOrder: [{ href: '/blobs/cd/a.mp3', type: 'audio/mpeg', properties: { path: 'a.mp3' } }],
      resources,
      download: { tag: 't', release: 1 },
    },
    'http://example.org/tags/t/manifest.json',
  );

function chosenFrom(...resources: object[]): string | undefined {
  const outline = outlineWith(...resources);
  const [item] = listItems(outline);
  if (item === undefined) throw new Error('one lesson was given');
  return transcriptSourceOf(outline, item)?.path;
}

describe('transcriptSourceOf', () => {
  const english = companion('captions', 'a.en.vtt', 'text/vtt', 'en');
  const german = companion('captions', 'a.de.vtt', 'text/vtt; charset=utf-8', 'de');

  it('prefers a transcript to captions', () => {
    expect(chosenFrom(german, companion('transcript', 'a.srt', 'application/srt'))).toBe('a.srt');
  });

  it('prefers captions in the language of the tag', () => {
    expect(chosenFrom(english, german)).toBe('a.de.vtt');
    expect(chosenFrom(english)).toBe('a.en.vtt');
  });

  it('takes no text without times in it', () => {
    expect(chosenFrom(companion('transcript', 'a.html', 'text/html'), english)).toBe('a.en.vtt');
    expect(chosenFrom(companion('transcript', 'a.html', 'text/html'))).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../documents/catalogue.ts';
import { DocumentError } from '../documents/document-error.ts';
import { decideLibrary, filterEntries, opensContents, summarise } from './library-state.ts';

const entry = (tag: string, title = tag, author?: string): CatalogueEntry => ({
  tag,
  title,
  kind: { name: 'Course', item: 'lesson' },
  ...(author === undefined ? {} : { author }),
});

describe('decideLibrary', () => {
  it('shows the catalogue where there is one', () => {
    expect(decideLibrary([entry('a')], [])).toEqual({ name: 'ready', entries: [entry('a')] });
  });

  it('says so where nothing is published', () => {
    expect(decideLibrary([], [entry('kept')])).toEqual({ name: 'empty' });
  });

  it('falls back to what is kept where the server is out of reach', () => {
    const away = new DocumentError('unreachable', 'The server did not answer.');
    expect(decideLibrary(away, [entry('kept')])).toEqual({ name: 'offline', entries: [entry('kept')] });
    expect(decideLibrary(away, [])).toEqual({ name: 'unreachable' });
  });

  it('does not hide a server error behind what is kept', () => {
    const refused = new DocumentError('refused', 'The database is away.', 500);
    expect(decideLibrary(refused, [entry('kept')])).toEqual({
      name: 'failed',
      message: 'The database is away.',
    });
  });
});

describe('filterEntries', () => {
  const entries = [
    entry('a', 'Café acoustics', 'Ada'),
    entry('b', 'Field recording', 'Émile'),
    entry('c', 'Knots'),
  ];

  it.each([
    ['', ['a', 'b', 'c']],
    ['CAFE', ['a']],
    ['emile field', ['b']],
    ['field knots', []],
  ])('%j finds %j', (words, tags) => {
    expect(filterEntries(entries, words).map(({ tag }) => tag)).toEqual(tags);
  });
});

describe('summarise', () => {
  it('counts what is shown of what is known', () => {
    expect(summarise(2, 2, 'all')).toBe('2 titles');
    expect(summarise(50, 50, 'first')).toBe('50 titles so far');
    expect(summarise(1, 1, 'kept')).toBe('1 title in this browser');
    expect(summarise(1, 200, 'all')).toBe('1 of 200 titles');
  });
});

describe('opensContents', () => {
  it('keeps lessons folded where there are many tags', () => {
    expect(opensContents(2)).toBe(true);
    expect(opensContents(5)).toBe(false);
  });
});

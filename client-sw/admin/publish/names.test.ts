import { describe, expect, it } from 'vitest';
import { isLeftOut, suggestTag } from './names.ts';

describe('names of files', () => {
  it.each([
    '.DS_Store',
    'a/._b.mp3',
    '.git/config',
    'a.mp3.part',
    'a.MP4.crdownload',
    'a.tmp',
    'a.txt~',
    '~$a.docx',
    'b/Thumbs.db',
    'Desktop.ini',
  ])('%s is left out', (path) => expect(isLeftOut(path)).toBe(true));

  it.each(['a.mp3', 'part.mp3', 'a.partial.mp3', 'tmp', 'a~b.mp3', 'thumbs.jpg', 'tag.toml', 'a/b c.mp4'])(
    '%s is kept',
    (path) => expect(isLeftOut(path)).toBe(false),
  );
});

describe('a suggested tag', () => {
  it.each([
    ['My Course (2026)', 'my-course-2026'],
    ['Épisodes d’été', 'episodes-d-ete'],
    ['_draft_', 'draft'],
    ['v1.2', 'v1.2'],
    ['日本語', ''],
    ['x'.repeat(200), 'x'.repeat(128)],
  ])('of %s is %s', (folder, tag) => expect(suggestTag(folder)).toBe(tag));
});

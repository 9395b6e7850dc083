/** Which folder may import which: the design's rule, checked on every file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** Each folder, and what it may know besides itself. */
const MAY_IMPORT: Record<string, string[]> = {
  protocol: [],
  errors: ['protocol'],
  core: ['protocol', 'errors'],
  storage: ['protocol', 'errors', 'core'],
  transport: ['protocol', 'errors', 'core', 'storage'],
  sw: ['protocol', 'errors', 'core', 'storage', 'transport'],
  page: ['protocol', 'errors', 'core', 'storage', 'transport'],
};

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

test.each(files)('%s keeps to its layer', (file) => {
  const folder = file.split('/')[0] ?? '';
  const text = readFileSync(join(SOURCE, file), 'utf8');
  for (const [, target = ''] of text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
    const imported = relative(SOURCE, join(SOURCE, file, '..', target)).split('/')[0] ?? '';
    if (imported !== folder) expect(MAY_IMPORT[folder], `${file} imports ${target}`).toContain(imported);
  }
});

test('the pure core names nothing that does I/O', () => {
  for (const file of files.filter((name) => name.startsWith('core/'))) {
    const text = readFileSync(join(SOURCE, file), 'utf8');
    expect(text, file).not.toMatch(
      /\b(fetch|indexedDB|navigator|setTimeout|Date\.now|Math\.random|caches)\b ?[.(]/,
    );
  }
});

test('every file opens with its job', () => {
  for (const file of files) expect(readFileSync(join(SOURCE, file), 'utf8'), file).toMatch(/^\/\*\*/);
});

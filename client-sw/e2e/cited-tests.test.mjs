/**
 * The pages that say which test shows what: every test and file that they name is there, so that they cannot rot. Names may be
 * shortened with `…`. In a cell, a name that begins with its browser is a browser test's; any other is of the `*.test.ts` before it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { tests as browserTests } from './tests/index.mjs';

const CLIENT = dirname(dirname(fileURLToPath(import.meta.url)));
const ROOT = dirname(CLIENT);
const PAGES = ['docs/browsers.md', 'docs/compared.md', 'docs/what-users-complain-of.md'];
/** Of a page with other tables beside, the part with the one whose rows name tests. */
const HEADINGS = { 'docs/browsers.md': '\n## Faults\n' };
/** Where the paths of these pages begin. */
const FOLDERS = [join(CLIENT, 'src'), CLIENT, ROOT];
const CITATION = /`([^`]+)`|"([^"]+)"/g;
const BROWSER_TEST = /^(?:chromium|firefox|webkit): /;
const FILE = /^[\w./-]+\.(?:ts|mjs|md|json)$/;

const makefile = readFileSync(join(ROOT, 'Makefile'), 'utf8');
/** Name → text; two folders may have a file of one name. */
const unitTests = new Map();
for (const path of readdirSync(join(CLIENT, 'test'), { recursive: true })) {
  const name = basename(path);
  if (!name.endsWith('.test.ts')) continue;
  unitTests.set(name, `${unitTests.get(name) ?? ''}\n${readFileSync(join(CLIENT, 'test', path), 'utf8')}`);
}

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  test('names no test and no file that is not there', () => {
    expect(findMissing(text)).toEqual([]);
  });

  test('names some in every row', () => {
    const heading = HEADINGS[page];
    const part = heading ? text.split(heading)[1].split('\n## ')[0] : text;
    const rows = part.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| |'));
    const bare = rows.filter((row) => !/\.test\.ts|chromium:|firefox:|webkit:|tree-shaking/.test(row));
    // The head of the table.
    expect(bare.length, bare.join('\n')).toBeLessThanOrEqual(1);
  });
});

test.each([
  ['`no-such.test.ts`', 'no-such.test.ts'],
  ['`sw/no-such.ts`', 'sw/no-such.ts'],
  ['`make nothing`', 'make nothing'],
  ['"chromium: nobody tests this"', 'chromium: nobody tests this'],
  ['`seeking.test.ts` "nobody tests this …"', 'seeking.test.ts: nobody tests this …'],
  ['"a name without its file"', 'a name without its file'],
  ['"chromium: … nothing behind … ends"', 'chromium: … nothing behind … ends'],
])('%s is missed', (text, missing) => {
  expect(findMissing(text)).toEqual([missing]);
});

/** What a text names and is not there. */
function findMissing(text) {
  return text.split(/[|\n]/).flatMap((cell) => {
    let file;
    return [...cell.matchAll(CITATION)].flatMap(([, code, name]) => {
      if (code?.endsWith('.test.ts')) file = code;
      const there = name === undefined ? isThere(code) : isTest(name, file);
      return there ? [] : [name === undefined || isBrowserTest(name) ? (code ?? name) : named(file, name)];
    });
  });
}

/** A file or a command that is named; whatever else is set as code is not looked for. */
function isThere(code) {
  if (code.endsWith('.test.ts')) return unitTests.has(code);
  if (code.startsWith('make ')) return makefile.includes(`\n${code.slice('make '.length)}:`);
  return !FILE.test(code) || FOLDERS.some((folder) => existsSync(join(folder, code)));
}

function isTest(name, file) {
  if (isBrowserTest(name)) return browserTests.some((test) => pattern(name, true).test(test.name));
  return pattern(name, false).test(unitTests.get(file) ?? '');
}

function isBrowserTest(name) {
  return BROWSER_TEST.test(name);
}

function named(file, name) {
  return file === undefined ? name : `${file}: ${name}`;
}

/** Of a name, whose `…` may stand for any words on its line. */
function pattern(name, whole) {
  const words = name
    .split('…')
    .map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(whole ? `^${words}$` : words);
}

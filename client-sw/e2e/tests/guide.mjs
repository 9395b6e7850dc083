/** docs/add-to-a-site.md, followed to the letter: a site out of the files that the page shows. Chromium. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { waitForComplete } from '../client-state.mjs';
import { COURSE, COURSE_LESSON } from '../fixtures.mjs';
import { controlOf, pressButton, waitForButton, waitForControl } from '../page-actions.mjs';
import { assertHears } from '../proofs.mjs';
import { waitFor } from '../wait-for.mjs';

const GUIDE = readFileSync(new URL('../../../docs/add-to-a-site.md', import.meta.url), 'utf8');
/** The server that the guide names. */
const NAMED_SERVER = 'https://media.example.org';
const TYPES = { html: 'text/html', js: 'text/javascript' };

export const guideTests = [
  {
    name: 'chromium: a site made of the files in the guide: a lesson is downloaded, and page, list and lesson work with both servers gone',
    run: worksAsTheGuideSays,
  },
];

async function worksAsTheGuideSays(world) {
  const files = filesOf(GUIDE.replaceAll(NAMED_SERVER, world.url));
  assert.deepEqual(Object.keys(files), ['/listen.html', '/listen.js', '/sw.js', '/kept.html']);
  const site = await world.serveFiles(files);
  const { url } = site;
  const browser = await world.openBrowser('chromium');
  const page = await browser.newPage();
  await page.goto(`${url}/listen.html`);
  await waitForControl(page, COURSE);
  await pressButton(page, controlOf(COURSE), 'Download');
  await waitForComplete(page, `${COURSE}@${world.url}`);
  await page.reload();
  await waitForButton(page, controlOf(COURSE), 'Remove');
  await page.goto(`${url}/kept.html`);
  await waitFor('the list', () => page.evaluate(readLibrary));

  await site.down();
  await world.goAway();
  await page.reload();
  const kept = await waitFor('the list, offline', () => page.evaluate(readLibrary));
  assert.match(kept.room, /^[\d.]+ MB of downloads\. .* free for this site\.$/);
  assert.equal(kept.link, `${url}/listen.html?tag=${COURSE}`);
  await page.goto(kept.link);
  await waitForButton(page, controlOf(COURSE), 'Remove');
  await page.waitForFunction(() => document.querySelector('video').readyState > 0);
  await assertHears(page, COURSE_LESSON);
}

/** Each block that comes after a line with a file's name in it. */
function filesOf(guide) {
  const blocks = guide.matchAll(/^`([\w.-]+\.(html|js))`.*\n```\w+\n([\s\S]*?)\n```/gm);
  return Object.fromEntries(
    [...blocks].map(([, name, ending, text]) => [`/${name}`, { type: TYPES[ending], text }]),
  );
}

/** Runs in the page: where the first title leads, and what is said of storage, once both are there. */
function readLibrary() {
  const shadow = document.querySelector('stowaway-library')?.shadowRoot;
  const link = shadow?.querySelector('a')?.href;
  const room = shadow?.querySelector('.storage p')?.textContent;
  return link && room ? { link, room } : undefined;
}

/** What a site and a person change of the elements' looks: colours by custom properties, and no motion for whoever asked for none. Chromium. */
import assert from 'node:assert/strict';
import { COURSE, COURSE_LESSON } from '../fixtures.mjs';
import { galleryFiles } from '../gallery.mjs';
import { openLibrary, openPlayer, waitForControl } from '../page-actions.mjs';
import { waitFor } from '../wait-for.mjs';

/** No colour twice, and none that the elements have by themselves. */
const THEME = {
  '--stowaway-accent': 'rgb(1, 102, 3)',
  '--stowaway-on-accent': 'rgb(254, 253, 2)',
  '--stowaway-text': 'rgb(90, 0, 91)',
  '--stowaway-muted': 'rgb(0, 92, 93)',
  '--stowaway-border': 'rgb(94, 95, 0)',
  '--stowaway-track': 'rgb(196, 197, 198)',
  '--stowaway-danger': 'rgb(150, 1, 2)',
  '--stowaway-success': 'rgb(3, 4, 151)',
  '--stowaway-surface': 'rgb(250, 240, 230)',
  '--stowaway-radius': '3px',
};

/** [state, part, what of it, the property that it must follow] */
const FOLLOWS = [
  ['idle', '.primary', 'backgroundColor', '--stowaway-accent'],
  ['idle', '.primary', 'color', '--stowaway-on-accent'],
  ['idle', '.primary', 'borderTopLeftRadius', '--stowaway-radius'],
  ['downloading', '.status', 'color', '--stowaway-text'],
  ['downloading', '.percent', 'color', '--stowaway-muted'],
  ['downloading', 'progress', 'color', '--stowaway-accent'],
  ['downloading', 'progress', 'backgroundColor', '--stowaway-track'],
  ['complete', '.status', 'color', '--stowaway-success'],
  ['failed, no room', '.error', 'color', '--stowaway-danger'],
  ['asked to remove', '.primary', 'backgroundColor', '--stowaway-danger'],
  ['asked to remove', '.primary', 'color', '--stowaway-surface'],
  ['asked to remove', '.secondary.worded', 'borderTopColor', '--stowaway-border'],
];

export const appearanceTests = [
  {
    name: "chromium: a site's custom properties colour every part of the elements, light and dark",
    run: followsTheTheme,
  },
  {
    name: 'chromium: for a person who wants reduced motion nothing moves, in any state of the elements and on the pages',
    run: standsStill,
  },
];

async function followsTheTheme(world) {
  const page = await openGallery(world);
  for (const scheme of ['light', 'dark']) {
    await showGallery(page, `?lang=en&scheme=${scheme}`);
    const before = await readLooks(page);
    await page.evaluate((theme) => {
      for (const [name, value] of Object.entries(theme))
        document.documentElement.style.setProperty(name, value);
    }, THEME);
    const after = await readLooks(page);
    for (const [i, [state, part, what, property]] of FOLLOWS.entries()) {
      assert.equal(after[i], THEME[property], `${scheme}: ${what} of ${part}, ${state}`);
      assert.notEqual(before[i], after[i], `${scheme}: ${what} of ${part}, ${state}, was so before`);
    }
  }
}

/** Looks without the transitions that lead to them. */
async function readLooks(page) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  return page.evaluate(
    (follows) =>
      follows.map(([state, part, what]) => {
        const { shadowRoot } = document.querySelector(`[data-state="${state}"] stowaway-download`);
        return getComputedStyle(shadowRoot.querySelector(part))[what];
      }),
    FOLLOWS,
  );
}

async function standsStill(world) {
  const gallery = await openGallery(world);
  await gallery.emulateMedia({ reducedMotion: 'no-preference' });
  await showGallery(gallery, '?lang=en');
  await waitFor('something that moves', async () => (await gallery.evaluate(findMotion)).running.length > 0);
  assert.ok((await gallery.evaluate(findMotion)).able.includes('button'), 'buttons change gently');
  await assertStill(gallery, 'gallery');

  const { browser } = world.browsers[0];
  const library = await openLibrary(browser, world.url, COURSE);
  await library.emulateMedia({ reducedMotion: 'no-preference' });
  assert.ok((await library.evaluate(findMotion)).able.length > 0, 'the pages change gently, too');
  await assertStill(library, 'library');
  const player = await openPlayer(browser, world.url, COURSE_LESSON);
  await waitForControl(player, COURSE);
  await assertStill(player, 'player');
}

async function assertStill(page, where) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  assert.deepEqual(await page.evaluate(findMotion), { running: [], able: [] }, where);
}

/** Runs in the page: what moves now, and the elements, in shadow trees too, that would change gently or scroll smoothly. */
function findMotion() {
  const within = (root) =>
    [...root.querySelectorAll('*')].flatMap((element) => [
      element,
      ...(element.shadowRoot ? within(element.shadowRoot) : []),
    ]);
  const moves = (element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    const takesTime = (durations) => durations.split(',').some((one) => Number.parseFloat(one) > 0);
    return (
      takesTime(style.transitionDuration) ||
      (style.animationName !== 'none' && takesTime(style.animationDuration)) ||
      style.scrollBehavior === 'smooth'
    );
  };
  const all = within(document);
  const roots = [document, ...all.flatMap(({ shadowRoot }) => shadowRoot ?? [])];
  const able = all.filter((element) =>
    [undefined, '::before', '::after'].some((pseudo) => moves(element, pseudo)),
  );
  return {
    running: roots
      .flatMap((root) => root.getAnimations())
      .map((one) => one.animationName ?? one.transitionProperty),
    able: [...new Set(able.map(({ localName }) => localName))],
  };
}

async function openGallery(world) {
  const site = await world.serveFiles(galleryFiles(world.url));
  const browser = await world.openBrowser('chromium');
  const page = await browser.newPage();
  await page.goto(site.url);
  return page;
}

async function showGallery(page, query) {
  await page.goto(new URL(query, page.url()).href);
  await page.waitForSelector('html[data-shown=yes]');
}

/** What people who use a keyboard, a screen reader, another language or writing direction meet. Chromium. */
import assert from 'node:assert/strict';
import { findBarriers } from '../axe.mjs';
import { waitForComplete } from '../client-state.mjs';
import { COURSE, COURSE_LESSON } from '../fixtures.mjs';
import { galleryFiles } from '../gallery.mjs';
import { controlOf, openLibrary, openPlayer, waitForControl } from '../page-actions.mjs';
import { waitFor } from '../wait-for.mjs';

/** Of each language, what its idle button must say, so that a page in English is not taken for it. */
const LOOKS = [
  { query: '?lang=en&scheme=light', says: 'Download' },
  { query: '?lang=en&scheme=dark', says: 'Download' },
  { query: '?lang=en&scheme=light&without=light-dark', says: 'Download' },
  { query: '?lang=en&scheme=dark&without=light-dark', says: 'Download' },
  { query: '?lang=de-AT&scheme=light', says: 'herunterladen' },
  { query: '?lang=ar&dir=rtl&scheme=dark', says: 'تنزيل' },
];

export const accessibilityTests = [
  {
    name: 'chromium: axe finds nothing in any state of the elements, light and dark, in three languages, in older colours',
    run: everyStateIsAccessible,
  },
  {
    name: 'chromium: axe finds nothing on the pages, light and dark, before, while and after a download',
    run: everyPageIsAccessible,
  },
  {
    name: 'chromium: by keyboard alone a download is started and removed, focus is never lost, and little is said',
    run: worksByKeyboard,
  },
];

async function everyStateIsAccessible(world) {
  const site = await world.serveFiles(galleryFiles(world.url));
  const browser = await world.openBrowser('chromium');
  const page = await browser.newPage();
  for (const { query, says } of LOOKS) {
    await page.goto(`${site.url}/${query}`);
    await page.waitForSelector('html[data-shown=yes]');
    const idle = await page.evaluate(
      () => document.querySelector('stowaway-download').shadowRoot.querySelector('button').textContent,
    );
    assert.ok(idle.includes(says), `${query}: "${idle}" says ${says}`);
    assert.deepEqual(await findBarriers(page), [], query);
  }
}

async function everyPageIsAccessible(world) {
  const browser = await world.openBrowser('chromium');
  for (const colorScheme of ['light', 'dark']) {
    const library = await openLibrary(browser, world.url, COURSE, '?transport=pieces');
    await library.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await findBarriers(library), [], `library, ${colorScheme}`);
    await library.close();
    const player = await openPlayer(browser, world.url, COURSE_LESSON);
    await player.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await waitForControl(player, COURSE);
    assert.deepEqual(await findBarriers(player), [], `player, ${colorScheme}`);
    await player.close();
    const downloads = await browser.newPage();
    await downloads.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await downloads.goto(`${world.url}/downloads`);
    await downloads.waitForSelector('#storage:not([hidden])');
    assert.deepEqual(await findBarriers(downloads), [], `downloads, ${colorScheme}`);
    if (colorScheme === 'light') await download(browser, world);
    await downloads.close();
  }
}

async function download(browser, world) {
  const page = await openLibrary(browser, world.url, COURSE, '?transport=pieces');
  await page.evaluate(press, { selector: controlOf(COURSE), action: 'start' });
  await waitForComplete(page, COURSE);
  assert.deepEqual(await findBarriers(page), [], 'library, with a download');
  await page.close();
}

function press({ selector, action }) {
  document.querySelector(selector).shadowRoot.querySelector(`[data-action=${action}]`).click();
}

async function worksByKeyboard(world) {
  const browser = await world.openBrowser('chromium');
  const page = await openLibrary(browser, world.url, COURSE, '?transport=pieces');
  await page.evaluate((selector) => {
    const { shadowRoot } = document.querySelector(selector);
    globalThis.spoken = [];
    new MutationObserver(() =>
      globalThis.spoken.push(shadowRoot.querySelector('[role=status]').textContent),
    ).observe(shadowRoot.querySelector('[role=status]'), {
      childList: true,
      characterData: true,
      subtree: true,
    });
    document.body.focus();
  }, controlOf(COURSE));
  await tabTo(page, 'start');
  await page.keyboard.press('Enter');
  await waitForComplete(page, COURSE);
  await waitFor('focus on the only button that is left', async () => (await focused(page)) === 'remove');
  // The answer that destroys nothing has the focus.
  await page.keyboard.press('Enter');
  await waitFor('focus on Keep', async () => (await focused(page)) === 'keep');
  await page.keyboard.press('Space');
  await waitFor('focus back on Remove', async () => (await focused(page)) === 'remove');
  await page.keyboard.press('Enter');
  await waitFor('focus on Keep again', async () => (await focused(page)) === 'keep');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(page), 'confirm');
  await page.keyboard.press('Enter');
  await waitFor('focus on the offer', async () => (await focused(page)) === 'start');
  const spoken = await page.evaluate(() => globalThis.spoken);
  assert.match(spoken[0], /^Downloading /);
  assert.ok(
    spoken.some((sentence) => sentence.endsWith('is available offline.')),
    spoken.join('\n'),
  );
  assert.match(spoken.at(-1), /was removed from this device/);
  // Start, at most three quarters, end, the question twice, removal.
  assert.ok(spoken.length <= 8, spoken.join('\n'));
}

async function tabTo(page, action) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === action) return;
  }
  throw new Error(`no ${action} within 60 presses of Tab`);
}

/** What the focused button of an element does; undefined where focus is elsewhere. */
function focused(page) {
  return page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.dataset.action);
}

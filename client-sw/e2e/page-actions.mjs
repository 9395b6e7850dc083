/** What a person does on the pages: opens them and presses the real buttons of `<stowaway-download>`. */
import { waitFor } from './wait-for.mjs';

/** Opens the library and waits until the tag's download control can be used and the worker controls the page. */
export async function openLibrary(browser, url, tag, query = '') {
  const page = await browser.newPage();
  await page.goto(`${url}/${query}`);
  await waitForControl(page, tag);
  return page;
}

export async function waitForControl(page, tag) {
  await waitFor(`the download control of ${tag}`, () =>
    page.evaluate(
      (tag) =>
        navigator.serviceWorker.controller?.state === 'activated' &&
        document.querySelector(`stowaway-download[tag="${tag}"]`)?.shadowRoot?.querySelector('button') !=
          null,
      tag,
    ),
  );
}

/** A page of the origin without any script, from which a test can look into the database. */
export async function openQuietPage(browser, url) {
  const page = await browser.newPage();
  await page.goto(`${url}/client/app/icon.svg`);
  return page;
}

/** Opens the player on a lesson. */
export async function openPlayer(browser, url, { tag, path }) {
  const page = await browser.newPage();
  await page.goto(`${url}/play?tag=${encodeURIComponent(tag)}&item=${encodeURIComponent(path)}`);
  return page;
}

/** Selects a tag's download control; the functions below take it, or the selector of any other part of a page. */
export function controlOf(tag) {
  return `stowaway-download[tag="${tag}"]`;
}

/** Selects a download's row on the page of downloads. */
export function rowOf(id) {
  return `[data-testid="download-row"][data-id="${id}"]`;
}

/**
 * Presses the button in a part of the page whose name begins with `name`: with the mouse, where the button is,
 * because a Background Fetch wants a real click.
 */
export async function pressButton(page, selector, name) {
  const place = await waitFor(`the button ${name} in ${selector}`, () =>
    page.evaluate(findButton, { selector, name }),
  );
  await page.mouse.click(place.x, place.y);
}

/** Waits until a part of the page offers a button whose name begins with `name`. */
export function waitForButton(page, selector, name) {
  return waitFor(`the button ${name} in ${selector}`, () => page.evaluate(findButton, { selector, name }));
}

/** Runs in the page: the middle of the button, once it stays where a mouse can reach it. */
async function findButton({ selector, name }) {
  const part = document.querySelector(selector);
  const root = part?.shadowRoot ?? part;
  const button = [...(root?.querySelectorAll('button') ?? [])].find((candidate) => {
    const itsName = candidate.getAttribute('aria-label') ?? candidate.textContent.trim();
    return candidate.checkVisibility() && !candidate.disabled && itsName.startsWith(name);
  });
  if (!button) return undefined;
  button.scrollIntoView({ block: 'center', behavior: 'instant' });
  const place = () => button.getBoundingClientRect();
  const before = place();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const { left, top, width, height } = place();
  if (left !== before.left || top !== before.top) return undefined;
  const [x, y] = [left + width / 2, top + height / 2];
  return button.getRootNode().elementFromPoint(x, y)?.closest('button') === button ? { x, y } : undefined;
}

/** A new version of the worker takes over. */
import { waitFor } from './wait-for.mjs';

/** @param more script that the new version has at its end */
export async function replaceWorker(run, more) {
  await installWorker(run, more);
  await waitForNewWorker(run);
}

/** The new version is there and waits for nobody: it takes over as soon as the browser has it do so. */
export async function installWorker({ world, page }, more) {
  const worker = await page.evaluate(async () => (await fetch('/sw.js', { cache: 'no-store' })).text());
  world.proxy.overlay.set('/sw.js', { type: 'text/javascript', body: `${worker}\n${more}` });
  await page.evaluate(async () => {
    globalThis.changed = false;
    const change = () => (globalThis.changed = true);
    navigator.serviceWorker.addEventListener('controllerchange', change, { once: true });
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
    globalThis.newWorker = registration.installing ?? registration.waiting ?? registration.active;
  });
  const state = () => page.evaluate(() => globalThis.newWorker.state);
  await waitFor('the new worker to be installed', async () => (await state()) !== 'installing');
}

/** Until the page is controlled by it. */
export function waitForNewWorker({ page }) {
  return waitFor('the new worker to take over', () => page.evaluate(() => globalThis.changed));
}

/** A new version of the worker takes over. */

/** @param more script that the new version has at its end */
export async function replaceWorker({ world, page }, more) {
  const worker = await page.evaluate(async () => (await fetch('/sw.js', { cache: 'no-store' })).text());
  world.proxy.overlay.set('/sw.js', { type: 'text/javascript', body: `${worker}\n${more}` });
  await page.evaluate(async () => {
    const changed = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
    );
    await (await navigator.serviceWorker.getRegistration()).update();
    await changed;
  });
}

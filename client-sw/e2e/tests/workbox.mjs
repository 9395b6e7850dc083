/** Stowaway and Workbox in one worker of a bundled site, whose page hands over `navigator.serviceWorker.ready`. Chromium. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { buildWorkboxExample } from '../../examples/workbox/build.mjs';
import { waitForDownload } from '../client-state.mjs';
import { COURSE, COURSE_LESSON } from '../fixtures.mjs';
import { controlOf, pressButton, waitForButton, waitForControl } from '../page-actions.mjs';
import { assertExactRanges, assertHears, findAsset } from '../proofs.mjs';
import { waitFor } from '../wait-for.mjs';

const CLIENT = fileURLToPath(new URL('../../dist/client', import.meta.url));

export const workboxTests = [
  {
    name: 'chromium: beside Workbox in a bundled worker, each answers its own; with both servers gone the site opens and the lesson plays',
    run: livesWithWorkbox,
  },
];

async function livesWithWorkbox(world) {
  const manifest = await world.loadManifest(COURSE);
  const address = world.url + findAsset(manifest, COURSE_LESSON.path).href;
  const site = await world.serveFiles(await buildWorkboxExample({ client: CLIENT, server: world.url }));
  const browser = await world.openBrowser('chromium');
  const page = await browser.newPage();
  await page.goto(`${site.url}/`);
  await waitForControl(page, COURSE);
  const registrations = await page.evaluate(async () =>
    (await navigator.serviceWorker.getRegistrations()).map(({ active, scope }) => [active.scriptURL, scope]),
  );
  assert.deepEqual(registrations, [[`${site.url}/sw.js`, `${site.url}/`]], 'one worker');

  await pressButton(page, controlOf(COURSE), 'Download');
  await waitForCompleteOf(page, world);
  // Workbox keeps a picture once its route has seen it.
  await page.reload();
  await waitFor('Workbox to have the picture', () =>
    page.evaluate(async () => (await caches.match('/picture.svg', { cacheName: 'images' })) !== undefined),
  );

  await site.down();
  await world.goAway();
  await page.reload();
  await waitForButton(page, controlOf(COURSE), 'Remove');
  await page.waitForFunction(() => document.querySelector('img').naturalWidth > 0);
  await assertExactRanges(page, address, world.fixtures.read(COURSE, COURSE_LESSON.path));
  await showVideo(page, address);
  await assertHears(page, COURSE_LESSON);
  const media = await page.evaluate(async () => (await (await caches.open('media')).keys()).length);
  assert.equal(media, 0, "Workbox's media route was never asked");
}

/** Its id names the server, which is not the page's own. */
function waitForCompleteOf(page, world) {
  return waitForDownload(page, `${COURSE}@${world.url}`, 'complete', ({ state }) => state === 'complete', {
    timeoutMs: 60_000,
  });
}

function showVideo(page, address) {
  return page.evaluate((address) => {
    const video = document.createElement('video');
    video.crossOrigin = 'anonymous';
    video.src = address;
    document.body.append(video);
  }, address);
}

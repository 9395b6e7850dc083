/** A site on another origin with a service worker of its own, which Stowaway joins. Chromium. */
import assert from 'node:assert/strict';
import { downloadRequests } from '../accounts.mjs';
import { waitForComplete } from '../client-state.mjs';
import { COURSE, COURSE_LESSON } from '../fixtures.mjs';
import { controlOf, pressButton, waitForControl } from '../page-actions.mjs';
import { assertExactRanges, assertHears, assertStoredWhole, findAsset } from '../proofs.mjs';

export const otherSiteTests = [
  {
    name: "chromium: in another site's own worker, on its first visit: downloads, and plays with the Stowaway server gone",
    run: joinsTheWorkerOfAnotherSite,
  },
];

async function joinsTheWorkerOfAnotherSite(world) {
  const manifest = await world.loadManifest(COURSE);
  const asset = findAsset(manifest, COURSE_LESSON.path);
  const address = world.url + asset.href;
  const site = await world.openSite(COURSE);
  const browser = await world.openBrowser('chromium');
  const page = await browser.newPage();
  await page.goto(`${site.url}/`);
  await waitForControl(page, COURSE);
  const own = await page.evaluate(async () => (await fetch('/from-the-worker')).text());
  assert.equal(own, 'its own', "the site's own listener");

  await pressButton(page, controlOf(COURSE), 'Download');
  const download = await waitForComplete(page, `${COURSE}@${world.url}`);
  assert.equal(download.transport, 'background-fetch');
  await assertStoredWhole(page, await world.loadPieceIndex(manifest));

  // Opaque answers would be counted with megabytes each, and could not be verified.
  const modes = downloadRequests(world.proxy.requests).map(({ headers }) => headers['sec-fetch-mode']);
  assert.ok(modes.length > 0 && !modes.includes('no-cors'), `asked for with ${[...new Set(modes)]}`);

  await world.goAway();
  await assertExactRanges(page, address, world.fixtures.read(COURSE, COURSE_LESSON.path));
  await showVideo(page, address);
  await assertHears(page, COURSE_LESSON);

  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await showVideo(page, address);
  await assertHears(page, COURSE_LESSON);
}

function showVideo(page, address) {
  return page.evaluate((address) => {
    const video = document.createElement('video');
    video.crossOrigin = 'anonymous';
    video.src = address;
    document.body.append(video);
  }, address);
}

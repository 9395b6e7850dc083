/** A lesson that changes its source while it plays: from the network to storage. Chromium. */
import assert from 'node:assert/strict';
import { waitForComplete } from '../client-state.mjs';
import { LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openPlayer, pressButton, waitForControl } from '../page-actions.mjs';
import { assertHears, findAsset } from '../proofs.mjs';

/** Far enough apart that no place is in the browser's buffer of another: each seek makes a request of its own. */
const FROM_NETWORK = 0.8;
const FROM_STORAGE = 0.3;
const WITHOUT_SERVER = 0.55;

export const playingTests = [
  {
    name: 'chromium: a lesson that is downloaded while it plays seeks and plays on from storage, with and without the server',
    run: playsOnFromStorage,
  },
];

async function playsOnFromStorage(world) {
  const { href } = findAsset(await world.loadManifest(WAVES), LOW_WAVE.path);
  const countPlayerRequests = () =>
    world.proxy.requests.filter(({ path, headers }) => path === href && headers['sec-fetch-dest'] === 'audio')
      .length;
  const browser = await world.openBrowser('chromium');
  const page = await openPlayer(browser, world.url, LOW_WAVE);
  await waitForControl(page, WAVES);
  await page.waitForSelector('audio');
  await assertHears(page, LOW_WAVE, FROM_NETWORK);
  assert.ok(countPlayerRequests() > 0, 'it plays from the network first');

  await page.evaluate(() => document.querySelector('audio').play());
  await pressButton(page, controlOf(WAVES), 'Download');
  await waitForComplete(page, WAVES);
  const before = countPlayerRequests();
  await assertHears(page, LOW_WAVE, FROM_STORAGE);
  assert.equal(countPlayerRequests(), before, 'what is downloaded is not asked of the network');

  await world.goAway();
  await assertHears(page, LOW_WAVE, WITHOUT_SERVER);
}

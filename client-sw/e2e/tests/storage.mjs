/** The same cases on every back end of storage, in real browsers. */
import assert from 'node:assert/strict';
import { openQuietPage } from '../page-actions.mjs';
import { loadStorageSuite } from '../storage-bundle.mjs';

export const storageTests = ['chromium', 'firefox'].map((engine) => ({
  name: `${engine}: every back end of storage keeps what it was given, and gives up what nobody needs`,
  run: (world) => keepsItsPromises(world, engine),
}));

async function keepsItsPromises(world, engine) {
  const browser = await world.openBrowser(engine);
  const page = await openQuietPage(browser, world.url);
  await loadStorageSuite(page);
  for (const name of await page.evaluate(() => storageSuite.names)) {
    const { run, failed } = await page.evaluate((name) => storageSuite.runCases(name), name);
    assert.ok(run > 5, 'cases were run');
    assert.deepEqual(failed, [], name);
  }
}

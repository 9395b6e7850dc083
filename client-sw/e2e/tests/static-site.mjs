/** Sites of plain files, exported by `stowaway export`: the client downloads from them and plays without them. Chromium. */
import { join } from 'node:path';
import { waitForComplete } from '../client-state.mjs';
import { COURSE, COURSE_LESSON, HIGH_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton } from '../page-actions.mjs';
import { openBucket, serveFolder } from '../plain-site.mjs';
import { assertPlays, assertStoredWhole } from '../proofs.mjs';
import { exportSite } from '../server.mjs';

export const staticSiteTests = [
  {
    name: 'chromium: from an exported folder behind nginx: downloads by ranges and by Background Fetch, and plays with nginx gone',
    run: worksFromAFolder,
  },
  {
    name: 'chromium: from an exported bucket: downloads by ranges and by Background Fetch, and plays with the bucket gone',
    run: worksFromABucket,
  },
];

async function worksFromAFolder(world) {
  const folder = join(world.dataFolder, 'site');
  await exportSite({ ...world.server, destination: folder });
  const site = await serveFolder(folder, join(world.dataFolder, 'nginx'));
  try {
    await downloadsAndPlays(world, site);
  } finally {
    await site.down();
  }
}

async function worksFromABucket(world) {
  const site = await openBucket();
  try {
    const { destination, endpoint, credentials } = site;
    const env = { STOWAWAY_STORAGE__ENDPOINT: endpoint, ...credentials };
    await exportSite({ ...world.server, destination, env });
    await downloadsAndPlays(world, site);
  } finally {
    await site.down();
  }
}

async function downloadsAndPlays(world, site) {
  const indexes = [];
  for (const tag of [WAVES, COURSE]) indexes.push(await world.loadPieceIndex(await world.loadManifest(tag)));
  await world.goAway();
  const browser = await world.openBrowser('chromium');
  for (const [tag, query] of [
    [WAVES, '?transport=pieces'],
    [COURSE, ''],
  ]) {
    const page = await openLibrary(browser, site.url, tag, query);
    await pressButton(page, controlOf(tag), 'Download');
    await waitForComplete(page, tag);
    await assertStoredWhole(page, indexes.shift());
    await page.close();
  }
  await site.down();
  await assertPlays(browser, site.url, HIGH_WAVE);
  await assertPlays(browser, site.url, COURSE_LESSON);
}

/** Sites of plain files, exported by `stowaway export`: the client downloads from them and plays without them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { sumBytes } from '../accounts.mjs';
import { waitForComplete } from '../client-state.mjs';
import {
  assertEndsComplete,
  brokenBytes,
  cutIntoAnotherEtag,
  prepareRun,
  pressDownload,
  requestsOf,
} from '../fault-run.mjs';
import { COURSE, COURSE_LESSON, HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton } from '../page-actions.mjs';
import { openBucket, serveFolder } from '../plain-site.mjs';
import { assertPlays, assertStoredWhole, findAsset } from '../proofs.mjs';
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
  ...['chromium', 'firefox'].map((engine) => ({
    name: `${engine}: from an exported folder behind nginx: an ETag that changes midway costs no more than was on its way`,
    run: (world) => meetsAnotherEtag(world, engine),
  })),
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

/** Pieces come as ranges of the asset; from a cut on the site says that the asset is another one. */
async function meetsAnotherEtag(world, engine) {
  const folder = join(world.dataFolder, 'site');
  await exportSite({ ...world.server, destination: folder });
  const site = await serveFolder(folder, join(world.dataFolder, 'nginx'));
  try {
    const { proxy } = world;
    proxy.balance([Number(new URL(site.url).port)]);
    const run = await prepareRun(world, engine);
    const hrefs = [LOW_WAVE, HIGH_WAVE].map(({ path }) => findAsset(run.manifest, path).href);
    const isAsset = (path) => hrefs.includes(path);
    let changedAt;
    cutIntoAnotherEtag(run, isAsset, () => {
      changedAt = proxy.requests.length;
    });
    await pressDownload(run);
    // Parts, which such a site does not have, are asked for until that is known: their answers are no content.
    const refusals = () => requestsOf(run).filter(({ status }) => status === 404);
    await assertEndsComplete(run, () => brokenBytes(run) + sumBytes(refusals()));
    const after = proxy.since(changedAt).filter(({ path, status }) => isAsset(path) && status === 206);
    assert.ok(after.length > 1, 'ranges with another ETag');
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

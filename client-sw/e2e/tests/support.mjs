/** What helps when something is wrong: the report for support, and pages that are older than their server. */
import assert from 'node:assert/strict';
import { waitForComplete, waitForDownload } from '../client-state.mjs';
import { COURSE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton } from '../page-actions.mjs';
import { assertStoredWhole } from '../proofs.mjs';
import { waitFor } from '../wait-for.mjs';

const ENGINE = /^\/client\/stowaway-engine-\w+\.js$/;

export const supportTests = [
  {
    name: 'chromium: the report on the downloads page says how things stand, and names nothing that was downloaded',
    run: reportsWithoutNames,
  },
  {
    name: 'firefox: a page whose own files are gone from the server leaves its download to the worker',
    run: leavesItToTheWorker,
  },
];

async function reportsWithoutNames(world) {
  const manifest = await world.loadManifest(COURSE);
  const browser = await world.openBrowser('chromium');
  const library = await openLibrary(browser, world.url, COURSE, '?transport=pieces&session=s3cret');
  await pressButton(library, controlOf(COURSE), 'Download');
  await waitForComplete(library, COURSE);
  const page = await browser.newPage();
  await page.goto(`${world.url}/downloads?token=s3cret`);
  // By keyboard: rows that are still coming move the button from under a mouse.
  await page.focus('[data-testid=report]');
  await page.keyboard.press('Enter');
  const text = await waitFor('the report', () =>
    page.evaluate(() => document.querySelector('[data-testid=report-text]').value),
  );
  const { downloadTotal } = manifest.download.selections[0];
  assert.match(text, /^Stowaway \d+\.\d+\.\d+, database \d+, \d{4}-/);
  assert.match(text, /Chrom/);
  assert.ok(text.includes(`#1 complete by pieces, ${downloadTotal} of ${downloadTotal} bytes`), text);
  assert.ok(text.includes(manifest.download.digest.slice(7, 15)), text);
  for (const name of ['Field', COURSE, 'welcome', 's3cret', '127.0.0.1', 'http:', '?'])
    assert.ok(!text.includes(name), `${name} is in the report:\n${text}`);
}

async function leavesItToTheWorker(world) {
  const manifest = await world.loadManifest(WAVES);
  const browser = await world.openBrowser('firefox');
  const page = await openLibrary(browser, world.url, WAVES);
  const { path } = await waitFor('the page to load what moves bytes', () =>
    world.proxy.requests.find((request) => ENGINE.test(request.path)),
  );
  world.proxy.limit(4_000_000);
  await pressButton(page, controlOf(WAVES), 'Download');
  await waitForDownload(page, WAVES, 'on its way', ({ bytesStored }) => bytesStored > 2_000_000);
  world.proxy.fault({ matches: (asked) => asked === path, status: 404, times: Number.POSITIVE_INFINITY });
  await page.reload();
  await waitFor('the page to ask for what is gone', () =>
    world.proxy.requests.some((request) => request.path === path && request.status === 404),
  );
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await waitForComplete(page, WAVES);
  await assertStoredWhole(page, await world.loadPieceIndex(manifest));
}

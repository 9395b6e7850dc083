/** Chromium's Background Fetch: all goes well, an asset is missing once, a connection is cut. Then the server goes. */
import assert from 'node:assert/strict';
import {
  countAnswered,
  isBackgroundFetch,
  sumBytes,
  sumWireBytes,
  waitForServerCount,
} from '../accounts.mjs';
import { waitForComplete } from '../client-state.mjs';
import {
  assertEndsComplete,
  prepareRun,
  pressDownload,
  requestsOf,
  SLOW_BYTES_PER_SECOND,
} from '../fault-run.mjs';
import { COURSE, COURSE_LESSON, HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { holdLedger } from '../hold-storage.mjs';
import { controlOf, openLibrary, openQuietPage, waitForButton } from '../page-actions.mjs';
import { assertExactRanges, assertPlays, assertStoredWhole, everything, findAsset } from '../proofs.mjs';
import { readFetchIds, startWithBackgroundFetch } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

export const backgroundFetchTests = [
  {
    name: 'chromium: Background Fetch brings exactly the promised bytes; with the server gone the course plays',
    run: keepsTheCourse,
  },
  {
    name: 'chromium: an asset that answers 404 once is repaired, and nothing good is fetched again',
    run: repairsAMissingAsset,
  },
  {
    name: 'chromium: with its page closed and a connection cut, a large asset costs no more than what the cut destroyed',
    run: survivesACut,
  },
  {
    name: 'chromium: two tabs that begin one Background Fetch at once fetch every byte once, and both show it to its end',
    run: runsInTwoTabs,
  },
];

async function keepsTheCourse(world) {
  const { page, browser, manifest, requests } = await startWithBackgroundFetch(world, COURSE);
  world.proxy.release();
  await waitForComplete(page, COURSE);
  const { hrefs, downloadTotal } = everything(manifest);
  const asked = requests();
  assert.deepEqual(
    asked.filter((one) => !isBackgroundFetch(one)),
    [],
    'a request was not the Background Fetch',
  );
  assert.deepEqual(asked.map(({ path }) => path).sort(), [...hrefs].sort(), 'each address is asked for once');
  assert.equal(sumBytes(asked), downloadTotal, 'bytes of content that arrived');
  assert.ok(
    asked.some(({ coding }) => coding !== undefined),
    'texts and the piece index came coded',
  );
  const ofSelection = ({ path }) => hrefs.includes(path);
  await waitForServerCount(
    world.server.log,
    ofSelection,
    sumWireBytes(world.proxy.requests.filter(ofSelection)),
  );
  await assertStoredWhole(page, await world.loadPieceIndex(manifest));

  await world.goAway();
  await page.reload();
  await waitFor('the library without its server', () =>
    page.evaluate(() => document.querySelector('[data-testid="tag-card"] h2')?.textContent),
  );
  await waitForButton(page, controlOf(COURSE), 'Remove');
  await assertPlays(browser, world.url, COURSE_LESSON);
  await assertExactRanges(
    page,
    findAsset(manifest, COURSE_LESSON.path).href,
    world.fixtures.read(COURSE, COURSE_LESSON.path),
  );
}

async function repairsAMissingAsset(world) {
  const manifest = await world.loadManifest(COURSE);
  const missing = findAsset(manifest, '02-in-the-field/02-listen-back.mp4');
  world.proxy.answerOnce(missing.href, 404);
  const { page, browser, requests } = await startWithBackgroundFetch(world, COURSE);
  world.proxy.release();
  await waitForComplete(page, COURSE);
  await assertStoredWhole(page, await world.loadPieceIndex(manifest));

  const { hrefs, downloadTotal } = everything(manifest);
  assert.equal(requests().filter(({ injected }) => injected).length, 1, 'the 404 was met');
  const answered = countAnswered(requests());
  for (const href of hrefs)
    if (href !== missing.href) assert.equal(answered.get(href), 1, `answers of ${href}`);
  assert.equal(sumBytes(requests()), downloadTotal, 'bytes that arrived');

  await world.goAway();
  await assertPlays(browser, world.url, { ...COURSE_LESSON, path: missing.properties.path });
}

async function survivesACut(world) {
  const manifest = await world.loadManifest(WAVES);
  const asset = findAsset(manifest, LOW_WAVE.path);
  const cutAfterBytes = Math.floor(asset.size * 0.6);
  world.proxy.cutOnce(asset.href, cutAfterBytes);
  const { page, browser, requests } = await startWithBackgroundFetch(world, WAVES);
  const quiet = await openQuietPage(browser, world.url);
  await page.close();
  world.proxy.release();
  await waitForComplete(quiet, WAVES);
  await assertStoredWhole(quiet, await world.loadPieceIndex(manifest));

  assert.equal(requests().filter(({ cut }) => cut).length, 1, 'the cut was met');
  const bytes = sumBytes(requests());
  const { downloadTotal } = everything(manifest);
  assert.ok(bytes >= downloadTotal, `${bytes} bytes cannot hold ${downloadTotal}`);
  assert.ok(
    bytes <= downloadTotal + cutAfterBytes,
    `${bytes} bytes for ${downloadTotal}, cut after ${cutAfterBytes}`,
  );

  await world.goAway();
  for (const lesson of [LOW_WAVE, HIGH_WAVE]) await assertPlays(browser, world.url, lesson);
  await assertExactRanges(quiet, asset.href, world.fixtures.read(WAVES, LOW_WAVE.path));
}

async function runsInTwoTabs(world) {
  const run = await prepareRun(world, 'chromium', '');
  const tabs = [run.page, await openLibrary(run.browser, world.url, WAVES)];
  run.mark = world.proxy.requests.length;
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  const letGo = await holdLedger(await openQuietPage(run.browser, world.url));
  for (const page of tabs) {
    await page.bringToFront();
    await pressDownload({ page });
    await waitFor('the press to count', () => page.evaluate(readProgress, WAVES));
  }
  await letGo();
  for (const page of tabs)
    await waitFor(
      'progress in both tabs',
      async () => (await page.evaluate(readProgress, WAVES))?.position > 0,
    );
  assert.equal((await readFetchIds(run.page)).length, 1, 'Background Fetches');
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await assertEndsComplete(run, 0);
  for (const page of tabs) await waitForButton(page, controlOf(WAVES), 'Remove');
  const asked = requestsOf(run);
  assert.deepEqual(
    asked.map(({ path }) => path).sort(),
    [...everything(run.manifest).hrefs].sort(),
    'each address is asked for once',
  );
  assert.ok(asked.every(isBackgroundFetch), 'a request was not the Background Fetch');
}

/** Runs in the page: how far the progress bar of a tag is, -1 while nobody knows; undefined where there is none to see. */
function readProgress(tag) {
  const bar = document.querySelector(`stowaway-download[tag="${tag}"]`).shadowRoot.querySelector('progress');
  return bar.hidden ? undefined : { position: bar.position };
}

/** Chromium's Background Fetch against servers in trouble, ETags that change, bytes that go wrong and clocks that jump. */
import assert from 'node:assert/strict';
import { sumWireBytes } from '../accounts.mjs';
import { readDownload, waitForComplete } from '../client-state.mjs';
import {
  assertEndsComplete,
  brokenBytes,
  cutIntoAnotherEtag,
  largestPiece,
  prepareRun,
  pressDownload,
  requestsOf,
  SLOW_BYTES_PER_SECOND,
} from '../fault-run.mjs';
import { HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { jumpClock } from '../jump-clock.mjs';
import { controlOf, waitForControl } from '../page-actions.mjs';
import { everything, findAsset } from '../proofs.mjs';
import { replaceWorker } from '../replace-worker.mjs';
import { readFetchIds, waitForRecord } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

/** How often the library looks at a silent fetch, and how long the element waits before it tells of one. */
const LOOK_MS = 10_000;
const STILL_MS = 180_000;
const MORE_LOOKS = 5;
/** Slow enough for a byte to be seen before the last one. */
const BYTES_PER_SECOND = 2 * 1024 * 1024;
const SETTLED_BYTES = 6 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

const FAULTS = [
  {
    name: 'a server that is killed costs no more than was on its way',
    long: true, // Chromium takes half a minute to ask again; a cut is met in every run.
    run: meetsAKilledServer,
  },
  { name: 'a server in trouble (500) costs nothing twice', run: meetsServerErrors },
  {
    name: 'an ETag that changes midway costs no more than what had come of that asset',
    run: meetsAnotherEtag,
  },
  { name: 'a wrong byte costs one piece, fetched by itself', run: meetsDamage },
  { name: 'a clock that jumps, in the page and in the worker, changes nothing', run: meetsClockJumps },
  {
    name: 'a request that stands still for minutes while the server answers is given up, and its asset comes by pieces',
    run: meetsStandstill,
  },
  {
    name: 'a request that stands still before a page that did not begin it is told of once, until bytes come',
    run: tellsOfStandstill,
  },
];

export const backgroundFetchFaultTests = FAULTS.map(({ name, long, run }) => ({
  name: `chromium: in a Background Fetch, ${name}`,
  long,
  run: async (world) => run(await prepareRun(world, 'chromium', '')),
}));

async function start(run) {
  await pressDownload(run);
  await waitFor('the Background Fetch', async () => (await readFetchIds(run.page)).length === 1);
}

/** Chromium asks again by itself, and goes on where the answer broke off. */
async function meetsAKilledServer(run) {
  const { world } = run;
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await start(run);
  await waitFor('bytes on their way', () => sumWireBytes(requestsOf(run)) > SETTLED_BYTES);
  await world.goAway();
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await world.comeBack();
  await assertEndsComplete(run, () => brokenBytes(run));
}

async function meetsServerErrors(run) {
  const { href } = findAsset(run.manifest, LOW_WAVE.path);
  run.world.proxy.fault({ matches: (path) => path === href, status: 500 });
  await start(run);
  await assertEndsComplete(run, 0);
}

async function meetsAnotherEtag(run) {
  const { href, size } = findAsset(run.manifest, LOW_WAVE.path);
  cutIntoAnotherEtag(run, (path) => path === href);
  await start(run);
  await assertEndsComplete(run, () => brokenBytes(run) + size);
}

async function meetsDamage(run) {
  const { href, size } = findAsset(run.manifest, HIGH_WAVE.path);
  run.world.proxy.fault({ matches: (path) => path === href, damageAt: Math.floor(size / 2) });
  await start(run);
  await assertEndsComplete(run, largestPiece(run.pieceIndex));
}

/** While bytes come the page's clock goes back and then forth, and the worker that verifies at the end is days behind. */
async function meetsClockJumps(run) {
  const { world, page } = run;
  const { downloadTotal } = everything(run.manifest);
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await start(run);
  await jumpWorkerClock(run, -3 * DAY_MS);
  for (const [part, jumpMs] of [
    [0.3, -DAY_MS],
    [0.6, 3 * DAY_MS],
  ]) {
    await waitFor(`${part} of the bytes`, () => sumWireBytes(requestsOf(run)) > part * downloadTotal);
    await jumpClock(page, jumpMs);
  }
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await assertEndsComplete(run, 0);
  const { createdAt, updatedAt } = await readDownload(page, WAVES);
  assert.ok(updatedAt < createdAt - DAY_MS, 'the worker with the other clock has ended it');
}

/** As another version of the worker, so that it has this clock whenever it is started. */
function jumpWorkerClock(run, jumpMs) {
  return replaceWorker(run, `{ const now = Date.now; Date.now = () => now() + ${jumpMs}; }`);
}

/** The page, loaded again, waits for less: of its waits of so many milliseconds each takes as many as are given. */
async function reloadWithShortWaits({ page }, waitsMs) {
  await page.addInitScript((waitsMs) => {
    const { setTimeout } = window;
    window.setTimeout = (then, ms, ...words) => setTimeout.call(window, then, waitsMs[ms] ?? ms, ...words);
  }, waitsMs);
  await page.reload();
  await waitForControl(page, WAVES);
}

async function meetsStandstill(run) {
  const { world, page, manifest } = run;
  await reloadWithShortWaits(run, { [LOOK_MS]: 300 });
  const { href } = findAsset(manifest, HIGH_WAVE.path);
  // The browser's own request; whoever asks for one byte is answered.
  world.proxy.hold((path, { headers }) => path === href && headers.range !== 'bytes=0-0');
  await start(run);
  await assertEndsComplete(run, 3 * manifest.download.pieces.size);
  assert.equal((await readDownload(page, WAVES)).transport, 'pieces');
  assert.deepEqual(await readFetchIds(page), []);
}

async function tellsOfStandstill(run) {
  const { world, page, manifest } = run;
  const [low, high] = [LOW_WAVE, HIGH_WAVE].map(({ path }) => findAsset(manifest, path));
  world.proxy.hold((path) => path === high.href);
  await start(run);
  await waitForRecord(page, everything(manifest).backgroundFetch.id, low.href);
  // What is kept is part of what has come, and must not be counted beside it.
  await waitFor('something to be kept', async () => (await readDownload(page, WAVES)).bytesStored > low.size);
  await reloadWithShortWaits(run, { [LOOK_MS]: 100, [STILL_MS]: 1_000 });
  await page.evaluate(listenToControl, controlOf(WAVES));
  const hint = await waitFor('the hint', async () => (await page.evaluate(readControl)).hint);
  assert.match(hint, /^Nothing has come for a while/);
  const before = (await page.evaluate(readControl)).changes;
  const { spoken } = await waitFor('more looks', async () => {
    const now = await page.evaluate(readControl);
    return now.changes >= before + MORE_LOOKS && now;
  });
  assert.equal(spoken.filter((sentence) => sentence === hint).length, 1, `said once: ${spoken}`);
  assert.equal((await readDownload(page, WAVES)).state, 'downloading', 'and left alone');

  world.proxy.limit(BYTES_PER_SECOND);
  world.proxy.release();
  const gone = await waitFor('the hint to go', async () => {
    const now = await page.evaluate(readControl);
    return now.hint === undefined && now;
  });
  assert.equal(gone.state, 'downloading', 'gone with the next byte, not with the end');
  assert.notEqual(gone.says, hint);
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await waitForComplete(page, WAVES);
}

/** Runs in the page: notes what the control says to screen readers, and how often it hears of its download. */
function listenToControl(selector) {
  const control = document.querySelector(selector);
  const status = control.shadowRoot.querySelector('[role=status]');
  const heard = { control, status, spoken: [], changes: 0 };
  new MutationObserver(() => heard.spoken.push(status.textContent)).observe(status, { childList: true });
  control.addEventListener('stowaway-change', ({ detail }) => {
    heard.changes += 1;
    heard.state = detail?.state;
  });
  globalThis.heard = heard;
}

/** Runs in the page. */
function readControl() {
  const { control, status, spoken, changes, state } = globalThis.heard;
  const hint = control.shadowRoot.querySelector('[part=hint]:not([hidden])')?.textContent;
  return { hint, spoken, changes, state, says: status.textContent };
}

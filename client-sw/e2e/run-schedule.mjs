/** Carries a schedule of faults out in Chromium: whatever happens, the download ends complete, and every digest is right. */
import { readDownload } from './client-state.mjs';
import { prepareRun, pressDownload, SLOW_BYTES_PER_SECOND } from './fault-run.mjs';
import { WAVES } from './fixtures.mjs';
import { stopWorkers } from './hold-storage.mjs';
import { controlOf, openLibrary, pressButton, waitForControl } from './page-actions.mjs';
import { assertStoredWhole, everything } from './proofs.mjs';
import { makeSchedule } from './random-schedule.mjs';
import { spoilPieces } from './spoil-storage.mjs';
import { waitFor } from './wait-for.mjs';

/** A fetch that the browser has forgotten is ended by its page after 200 s of silence (`page/end-forgotten.ts`). */
const STUCK_MS = 260_000;
/** For a whole schedule: being stuck must fail with what was waited for, and not with this. */
export const SCHEDULE_LIMIT_MS = 500_000;
const isContent = (path) => path.startsWith('/blobs/') || path.endsWith('/pieces.json');

export async function runSchedule(world, seed) {
  const manifest = await world.loadManifest(WAVES);
  const schedule = makeSchedule(seed, everything(manifest).downloadTotal);
  try {
    await carryOut(world, schedule);
  } catch (cause) {
    throw new Error(`the schedule was ${JSON.stringify(schedule)}`, { cause });
  }
}

async function carryOut(world, { transport, faults, events }) {
  const run = await prepareRun(world, 'chromium', transport === 'pieces' ? '?transport=pieces' : '');
  for (const { kind, status, at } of faults) {
    const place = (length) => Math.floor(length * at);
    const what = { status: { status }, cut: { cutAfter: place }, damage: { damageAt: place } }[kind];
    world.proxy.fault({ matches: isContent, ...what });
  }
  world.proxy.limit(SLOW_BYTES_PER_SECOND);
  await pressDownload(run);
  for (const event of events) {
    await waitFor(`${event.atBytes} bytes`, () => hasCome(run, event.atBytes), { timeoutMs: STUCK_MS });
    await HAPPEN[event.kind](run);
  }
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await waitFor('the end', () => isWhole(run), { timeoutMs: STUCK_MS, intervalMs: 500 });
}

/** As far as that, or over, or in need of somebody who asks again. */
async function hasCome({ page }, bytes) {
  const download = await readDownload(page, WAVES);
  if (download?.transport === 'background-fetch' && download.state === 'downloading') return true;
  return download && (download.bytesStored >= bytes || download.state !== 'downloading');
}

/** A person asks again where that is all that can be done, and does what the page says; nothing else may be needed. */
async function isWhole(run) {
  const { page, pieceIndex } = run;
  await heedHint(page);
  const download = await readDownload(page, WAVES);
  if (download?.state === 'failed' || (download?.state === 'paused' && download.pauseReason !== 'offline')) {
    await page.evaluate((tag) => {
      document.querySelector(`stowaway-download[tag="${tag}"]`).downloads.resume(tag);
    }, WAVES);
  }
  if (download?.state !== 'complete') return false;
  await assertStoredWhole(page, pieceIndex);
  return true;
}

/** "Nothing has come for a while. If this stays so, pause and resume." */
async function heedHint(page) {
  const selector = controlOf(WAVES);
  const hint = await page.evaluate(
    (selector) =>
      document.querySelector(selector)?.shadowRoot?.querySelector('[part=hint]:not([hidden])')?.textContent,
    selector,
  );
  if (!hint) return;
  console.log(`       the page said: ${hint}`);
  await pressButton(page, selector, 'Pause').catch(() => undefined);
}

const HAPPEN = {
  async reload({ page }) {
    await page.reload();
    await waitForControl(page, WAVES);
  },
  async pause({ page }) {
    const { state } = (await readDownload(page, WAVES)) ?? {};
    if (state === 'downloading') await pressButton(page, controlOf(WAVES), 'Pause').catch(() => undefined);
  },
  'stop-workers': ({ browser, page }) => stopWorkers(browser.context, page),
  async 'kill-server'({ world }) {
    await world.goAway();
    await world.comeBack();
  },
  async 'other-tab'(run) {
    const tab = await openLibrary(run.browser, run.world.url, WAVES);
    await run.page.close();
    run.page = tab;
  },
  async evict({ page }) {
    await spoilPieces(page, { every: 4, how: 'delete' });
    await page.reload();
    await waitForControl(page, WAVES);
  },
};

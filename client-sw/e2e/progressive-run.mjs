/** A download for which there is no room: it waits for some, and its lessons play from the network meanwhile. */
import assert from 'node:assert/strict';
import { readDownload } from './client-state.mjs';
import { prepareRun, pressDownload } from './fault-run.mjs';
import { fillStorage } from './fill-storage.mjs';
import { WAVES } from './fixtures.mjs';
import { controlOf } from './page-actions.mjs';
import { everything } from './proofs.mjs';
import { waitFor } from './wait-for.mjs';

const MIB = 1024 * 1024;
/** Enough for the download. */
export const ROOM_BYTES = 64 * MIB;

/**
 * Firefox, of which so much room is left: too little for all of it. (Chromium tells every page of 10 GiB: there it is known only when
 * storage runs full.)
 * @param options more of the browser's
 */
export async function beginWithoutRoom(world, leftBytes, options) {
  const run = await prepareRun(world, 'firefox', '', { roomBytes: ROOM_BYTES, ...options });
  const { page, manifest } = run;
  await fillStorage(page, leftBytes);
  const { fits, roomNeeded } = await page.evaluate(
    (tag) => document.querySelector(`stowaway-download[tag="${tag}"]`).downloads.estimate(tag),
    WAVES,
  );
  assert.equal(fits, false);
  assert.ok(roomNeeded >= everything(manifest).downloadTotal);
  await pressDownload(run);
  await assertWaitsForRoom(page);
  return run;
}

export async function assertWaitsForRoom(page) {
  await waitForSaid(page, /^Plays from the network/);
  const { state, pauseReason, transport } = await readDownload(page, WAVES);
  assert.deepEqual([state, pauseReason, transport], ['paused', 'progressive', 'progressive']);
  const actions = await page.evaluate(
    (control) =>
      [...document.querySelector(control).shadowRoot.querySelectorAll('button:not([hidden])')].map(
        ({ dataset }) => dataset.action,
      ),
    controlOf(WAVES),
  );
  assert.deepEqual(actions, ['resume', 'cancel'], 'nothing moves that could be paused');
}

/** Waits until the control says something beside its bar. */
export function waitForSaid(page, pattern) {
  return waitFor(`${pattern} to be said`, async () => {
    const said = await page.evaluate(
      (control) => document.querySelector(control).shadowRoot.querySelector('[part=status]').textContent,
      controlOf(WAVES),
    );
    return pattern.test(said);
  });
}

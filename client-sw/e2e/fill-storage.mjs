/** Makes storage too small for a download that has begun, and makes room again. */
import { waitFor } from './wait-for.mjs';

const FILLER = '/filler';

/**
 * Chromium, over the DevTools protocol: what a site may store from now on. Pages are told of 10 GiB all the same, and a
 * download that has begun is measured by the room there was when it began.
 */
export async function limitRoom(run, roomBytes) {
  const { browser, page, world } = run;
  run.quotaSession ??= await browser.context.newCDPSession(page); // A limit lasts as long as its session does.
  const origin = world.url;
  await run.quotaSession.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: roomBytes });
  const { quota } = await run.quotaSession.send('Storage.getUsageAndQuota', { origin });
  if (quota !== roomBytes) throw new Error(`the quota is ${quota} bytes, not ${roomBytes}`);
}

/** Firefox: the same site fills what is left but for so many bytes, with noise, for it would store less of anything else. */
export function fillStorage(page, leftBytes) {
  return page.evaluate(
    async ({ name, leftBytes }) => {
      const { usage, quota } = await navigator.storage.estimate();
      const noise = new Uint8Array(quota - usage - leftBytes);
      for (let start = 0; start < noise.length; start += 65_536)
        crypto.getRandomValues(noise.subarray(start, start + 65_536));
      const cache = await caches.open(name);
      await cache.put(name, new Response(noise));
    },
    { name: FILLER, leftBytes },
  );
}

/** Deletes it again, and waits until the browser has the room. */
export async function emptyStorage(page) {
  const before = await page.evaluate(async (name) => {
    const { usage } = await navigator.storage.estimate();
    // The entry: a cache that is deleted whole is there until nobody holds its handle, and that is for the garbage collector to find out.
    await (await caches.open(name)).delete(name);
    return usage;
  }, FILLER);
  const hasRoom = async () => {
    const { usage } = await page.evaluate(() => navigator.storage.estimate());
    return usage < before * 0.75;
  };
  // Firefox takes its time on a machine that has none.
  await waitFor('room', hasRoom, { timeoutMs: 60_000 });
}

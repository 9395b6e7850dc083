/** The manifest against the one before (RFC 9842): Chromium keeps the old one, says so, and decodes what changed. */
import assert from 'node:assert/strict';
import { WAVES } from '../fixtures.mjs';
import { waitFor } from '../wait-for.mjs';

export const dictionaryTests = [
  {
    name: 'chromium: a new manifest arrives as the difference from the one that the browser has',
    run: fetchesTheDifference,
  },
];

async function fetchesTheDifference(world) {
  const current = `/tags/${WAVES}/manifest.json`;
  const browser = await world.openBrowser('chromium');
  const page = await browser.newPage();
  await page.goto(`${world.url}/tags`); // Of the same origin, and without a worker.
  const read = (path) => page.evaluate(readWithDigest, path);
  const first = await read(`/tags/${WAVES}/releases/1/manifest.json`);
  await world.fixtures.publishChangedWaves(world.dataFolder);
  await waitFor(
    'the server to give release 2',
    async () => (await world.loadManifest(WAVES)).download.release === 2,
  );

  const mark = world.proxy.requests.length;
  // The browser stores a dictionary some time after it has read the answer.
  const request = await waitFor('a request that names the dictionary', async () => {
    const { release } = await read(`${current}?${world.proxy.requests.length}`);
    assert.equal(release, 2);
    return world.proxy.since(mark).find(({ headers }) => headers['available-dictionary'] !== undefined);
  });
  assert.equal(
    request.headers['available-dictionary'],
    `:${first.digest}:`,
    'the dictionary is the manifest of release 1',
  );
  assert.equal(request.coding, 'dcz');
  assert.ok(request.bytes * 4 < request.contentBytes, `${request.bytes} bytes for ${request.contentBytes}`);
  const second = await read(`${current}?${world.proxy.requests.length}`);
  const whole = await fetch(`${world.server.url}${current}`);
  assert.equal(
    second.digest,
    Buffer.from(await crypto.subtle.digest('SHA-256', await whole.arrayBuffer())).toString('base64'),
  );
}

/** In the page. */
async function readWithDigest(path) {
  const bytes = await (await fetch(path)).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const { download } = JSON.parse(new TextDecoder().decode(bytes));
  return { release: download.release, digest: btoa(String.fromCharCode(...hash)) };
}

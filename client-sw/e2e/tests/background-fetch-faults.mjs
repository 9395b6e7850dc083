/** Chromium's Background Fetch against servers in trouble, ETags that change and bytes that go wrong. */
import assert from 'node:assert/strict';
import { readDownload } from '../client-state.mjs';
import { assertEndsComplete, brokenBytes, largestPiece, prepareRun, pressDownload } from '../fault-run.mjs';
import { HIGH_WAVE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { waitForControl } from '../page-actions.mjs';
import { findAsset } from '../proofs.mjs';
import { readFetchIds } from '../start-background-fetch.mjs';
import { waitFor } from '../wait-for.mjs';

const FAULTS = [
  { name: 'a server in trouble (500) costs nothing twice', run: meetsServerErrors },
  {
    name: 'an ETag that changes midway costs no more than what had come of that asset',
    run: meetsAnotherEtag,
  },
  { name: 'a wrong byte costs one piece, fetched by itself', run: meetsDamage },
  {
    name: 'a request that stands still for minutes while the server answers is given up, and its asset comes by pieces',
    run: meetsStandstill,
  },
];

export const backgroundFetchFaultTests = FAULTS.map(({ name, run }) => ({
  name: `chromium: in a Background Fetch, ${name}`,
  run: async (world) => run(await prepareRun(world, 'chromium', '')),
}));

async function start(run) {
  await pressDownload(run);
  await waitFor('the Background Fetch', async () => (await readFetchIds(run.page)).length === 1);
}

async function meetsServerErrors(run) {
  const { href } = findAsset(run.manifest, LOW_WAVE.path);
  run.world.proxy.fault({ matches: (path) => path === href, status: 500 });
  await start(run);
  await assertEndsComplete(run, 0);
}

async function meetsAnotherEtag(run) {
  const { proxy } = run.world;
  const { href, size } = findAsset(run.manifest, LOW_WAVE.path);
  proxy.fault({
    matches: (path) => path === href,
    cutAfter: () => {
      // From the moment of the cut on, the server says that it has something else.
      setImmediate(() => proxy.changeEtag((path) => path === href, '"another"'));
      return Math.floor(size * 0.6);
    },
  });
  await start(run);
  await assertEndsComplete(run, () => brokenBytes(run) + size);
}

async function meetsDamage(run) {
  const { href, size } = findAsset(run.manifest, HIGH_WAVE.path);
  run.world.proxy.fault({ matches: (path) => path === href, damageAt: Math.floor(size / 2) });
  await start(run);
  await assertEndsComplete(run, largestPiece(run.pieceIndex));
}

/** Every look of the page that takes ten seconds takes a fraction of one here. */
async function meetsStandstill(run) {
  const { world, page, manifest } = run;
  await page.addInitScript(
    ({ looksMs, fastMs }) => {
      const { setTimeout } = window;
      window.setTimeout = (then, ms, ...words) =>
        setTimeout.call(window, then, ms === looksMs ? fastMs : ms, ...words);
    },
    { looksMs: 10_000, fastMs: 300 },
  );
  await page.reload();
  await waitForControl(page, WAVES);
  const { href } = findAsset(manifest, HIGH_WAVE.path);
  // The browser's own request; whoever asks for one byte is answered.
  world.proxy.hold((path, { headers }) => path === href && headers.range !== 'bytes=0-0');
  await start(run);
  await assertEndsComplete(run, 3 * manifest.download.pieces.size);
  assert.equal((await readDownload(page, WAVES)).transport, 'pieces');
  assert.deepEqual(await readFetchIds(page), []);
}

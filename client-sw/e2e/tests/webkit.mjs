/** Pieces and playback in WebKitGTK, which has no Background Fetch and takes no Blobs in its ephemeral sessions. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readStoredPieces, waitForComplete, waitForDownload } from '../client-state.mjs';
import { LOW_WAVE, WAVES } from '../fixtures.mjs';
import { controlOf, openLibrary, pressButton } from '../page-actions.mjs';
import { assertExactRanges, assertStoredWhole, findAsset } from '../proofs.mjs';
import { spoilPieces } from '../spoil-storage.mjs';
import { whyNoWebKit } from '../webkit.mjs';

const SEEK_TO = 0.8;
const MOST_SEEKS = 5;
const STEP_LIMIT_MS = 8_000;

export const webkitTests = [
  {
    name: 'webkit: pieces go on after the server was killed, no stored one is fetched twice, and a lesson plays and seeks offline',
    skip: whyNoWebKit,
    run: keepsAndPlaysInWebKit,
  },
  {
    name: 'webkit: an answer that is whole but for a large gap comes as one stream, right and kept',
    skip: whyNoWebKit,
    run: streamsOverAGap,
  },
];

/** WebKit asks for no more after a short answer: its answers go over any gap, one piece after the other. */
async function streamsOverAGap(world) {
  const manifest = await world.loadManifest(WAVES);
  const index = await world.loadPieceIndex(manifest);
  const browser = await world.openBrowser('webkit');
  const page = await openLibrary(browser, world.url, WAVES);
  await pressButton(page, controlOf(WAVES), 'Download');
  await waitForComplete(page, WAVES);
  const { href, size } = findAsset(manifest, LOW_WAVE.path);
  const lost = await spoilPieces(page, { every: 1, how: 'delete' });
  assert.ok(lost.reduce((sum, { length }) => sum + length, 0) > size, 'all of it is gone');
  const mark = world.proxy.requests.length;
  const { status, bytes, sha256 } = await page.evaluate(async (href) => {
    const answer = await fetch(href, { headers: { Range: 'bytes=1000-' } });
    const body = await answer.arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
    const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return { status: answer.status, bytes: body.byteLength, sha256 };
  }, href);
  const expected = world.fixtures.read(WAVES, LOW_WAVE.path).subarray(1000);
  assert.deepEqual([status, bytes], [206, expected.length]);
  assert.equal(sha256, createHash('sha256').update(expected).digest('hex'));
  const asked = world.proxy.since(mark).map(({ path }) => path);
  assert.ok(!asked.includes(href), 'the network was asked for pieces only');
  await waitForComplete(page, WAVES);
  await assertStoredWhole(page, index);
}

async function keepsAndPlaysInWebKit(world) {
  const manifest = await world.loadManifest(WAVES);
  const browser = await world.openBrowser('webkit');
  world.proxy.limit(8_000_000);
  const page = await openLibrary(browser, world.url, WAVES);
  await pressButton(page, controlOf(WAVES), 'Download');
  const begun = await waitForDownload(page, WAVES, 'half way', ({ bytesStored }) => bytesStored > 4_000_000);
  assert.equal(begun.transport, 'pieces');
  await world.goAway();
  await waitForDownload(page, WAVES, 'waiting', ({ pauseReason }) => pauseReason === 'offline');
  const stored = await readStoredPieces(page);
  assert.ok(stored.size > 0);

  const mark = world.proxy.requests.length;
  await world.comeBack();
  world.proxy.limit(Number.POSITIVE_INFINITY);
  await waitForComplete(page, WAVES);
  const index = await world.loadPieceIndex(manifest);
  await assertStoredWhole(page, index);
  const missing = new Map(
    index.blobs.flatMap(({ pieces }) =>
      pieces.filter(({ sha256 }) => !stored.has(sha256)).map(({ sha256, length }) => [sha256, length]),
    ),
  );
  const most = [...missing.values()].reduce((sum, length) => sum + length, 0);
  const fetched = world.proxy.requests
    .slice(mark)
    .filter(({ path }) => path.startsWith('/blobs/'))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  assert.ok(fetched <= most, `${fetched} bytes were fetched for ${most} that were missing`);

  await world.goAway();
  const { href } = findAsset(manifest, LOW_WAVE.path);
  await assertExactRanges(page, href, world.fixtures.read(WAVES, LOW_WAVE.path));
  const played = await page.evaluate(playAndSeek, {
    href,
    fraction: SEEK_TO,
    mostSeeks: MOST_SEEKS,
    stepLimitMs: STEP_LIMIT_MS,
  });
  assert.ok(Math.abs(played.landedAt - played.target) < 0.5, JSON.stringify(played));
  assert.ok(played.reached > played.landedAt, JSON.stringify(played));
}

/** Runs in the page: plays from storage, seeks, and plays on. Says how far it came when a step takes too long. */
async function playAndSeek({ href, fraction, mostSeeks, stepLimitMs }) {
  const audio = document.createElement('audio');
  const events = [];
  const happened = (name) =>
    new Promise((resolve, reject) => {
      const at = () => `${events.join(', ')}; at ${audio.currentTime} of ${audio.duration}`;
      const timer = setTimeout(() => reject(new Error(`no ${name}: ${at()}`)), stepLimitMs);
      audio.addEventListener(name, () => resolve(clearTimeout(timer)), { once: true });
      audio.addEventListener('error', () => reject(new Error(`media error ${audio.error?.code}: ${at()}`)));
    });
  for (const name of ['loadedmetadata', 'canplay', 'playing', 'waiting', 'stalled', 'seeked', 'ended'])
    audio.addEventListener(name, () => events.push(name));
  audio.crossOrigin = 'anonymous';
  audio.muted = true;
  const loaded = happened('loadedmetadata');
  audio.src = href;
  document.body.append(audio);
  await loaded;
  const playing = happened('playing');
  audio.play();
  await playing;
  const seek = async (target) => {
    const sought = happened('seeked');
    audio.currentTime = target;
    await sought;
    const landedAt = audio.currentTime;
    while (audio.currentTime < landedAt + 0.5) await happened('timeupdate');
    return { target, landedAt, reached: audio.currentTime };
  };
  // WebKitGTK 2.50 stalls after some seeks, without a worker and from a plain server too: a person would seek again.
  for (let tries = 1; ; tries += 1) {
    try {
      return await seek(audio.duration * (fraction - 0.1 * tries));
    } catch (error) {
      if (tries === mostSeeks || audio.error) throw error;
    }
  }
}

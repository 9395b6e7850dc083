/** The assertions that several tests share: what is stored is right, it plays, and ranges are exact. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readDownload, readStorage } from './client-state.mjs';
import { controlOf, openPlayer, waitForButton } from './page-actions.mjs';
import { probeMedia } from './probe-media.mjs';
import { waitFor } from './wait-for.mjs';

const SEEK_TO = 0.8;
const LEAST_LEAD_DECIBEL = 6;

/** The links of a manifest that have bytes of their own: lessons, alternates, resources. */
export function assetsOf(manifest) {
  const lessons = manifest.readingOrder.flatMap((link) => link.children ?? [link]);
  return [...lessons, ...lessons.flatMap((lesson) => lesson.alternate ?? []), ...(manifest.resources ?? [])];
}

export function findAsset(manifest, path) {
  const asset = assetsOf(manifest).find((link) => link.properties.path === path);
  assert.ok(asset, `the manifest has no ${path}`);
  return asset;
}

export function everything(manifest) {
  return manifest.download.selections.find(({ id }) => id === 'everything');
}

/** Every piece of every blob of the release is stored, with the digest that the server's index promises. */
export async function assertStoredWhole(context, pieceIndex) {
  const { pieces, blobs } = await readStorage(context);
  for (const [promised, actual] of Object.entries(pieces))
    assert.equal(actual, promised, 'a stored piece is damaged');
  const listed = new Map(blobs.map((blob) => [blob.hex, blob]));
  for (const { digest, size, pieces: wanted } of pieceIndex.blobs) {
    const hex = digest.slice('sha256:'.length);
    assert.equal(listed.get(hex)?.size, size, `blob ${hex} is not listed`);
    for (const { sha256 } of wanted) assert.ok(pieces[sha256], `piece ${sha256} of ${hex} is missing`);
  }
  return pieces;
}

/** Of a tag that was the only download nothing is left, and its control offers it again. */
export async function assertNothingKept(page, tag) {
  await waitForButton(page, controlOf(tag), 'Download');
  await waitFor('empty stores', async () => {
    const { blobs, addresses, pieces } = await readStorage(page);
    return blobs.length + addresses + Object.keys(pieces).length === 0;
  });
  assert.equal(await readDownload(page, tag), undefined);
}

/** Opens the player on a lesson, seeks to 80 %, and compares what is seen and heard there. */
export async function assertPlays(browser, url, lesson) {
  const page = await openPlayer(browser, url, lesson);
  try {
    await page.waitForSelector('video, audio');
    return await assertHears(page, lesson);
  } finally {
    await page.close();
  }
}

/** The same in a page whose media element is there, at any place (0 to 1). It is paused afterwards. */
export async function assertHears(page, lesson, fraction = SEEK_TO) {
  const seen = await probeMedia(page, { fraction, tonesHz: lesson.tonesHz });
  const said = JSON.stringify(seen);
  assert.ok(Math.abs(seen.landedAt - seen.target) < 0.5, `the seek did not land: ${said}`);
  assert.equal(seen.toneHz, lesson.toneAt((seen.from + seen.to) / 2), `another place is heard: ${said}`);
  assert.ok(seen.leadDecibel >= LEAST_LEAD_DECIBEL, `the tone is lost in noise: ${said}`);
  if (lesson.path.endsWith('.mp4')) assert.ok(seen.picture, 'there is no picture');
  if (seen.picture) {
    assert.equal(
      seen.picture.second,
      Math.floor(seen.picture.mediaTime + 0.001),
      `another second is shown: ${said}`,
    );
    assert.ok(seen.picture.mediaTime >= seen.target - 0.1, `a frame from before the seek is shown: ${said}`);
  }
  return seen;
}

/** Asks the worker, from the page, for ranges of an asset, and compares status, headers and bytes with the file. */
export async function assertExactRanges(page, href, file) {
  const size = file.length;
  const middle = Math.floor(size / 2);
  const satisfiable = [
    ['bytes=0-1', 0, 1],
    ['bytes=0-', 0, size - 1],
    [`bytes=${middle}-`, middle, size - 1],
    [`bytes=${middle - 70_000}-${middle + 70_000}`, middle - 70_000, middle + 70_000],
    ['bytes=-500', size - 500, size - 1],
    [`bytes=-${size + 10}`, 0, size - 1],
    [`bytes=${size - 2}-${size + 99}`, size - 2, size - 1],
  ];
  for (const [range, first, last] of satisfiable) {
    const answer = await fetchDigest(page, href, range);
    const expected = {
      status: 206,
      contentRange: `bytes ${first}-${last}/${size}`,
      contentLength: String(last - first + 1),
      sha256: sha256(file.subarray(first, last + 1)),
    };
    assert.deepEqual(answer, expected, range);
  }
  for (const range of [`bytes=${size}-`, `bytes=${size + 5}-${size + 9}`, 'bytes=-0']) {
    const { status, contentRange } = await fetchDigest(page, href, range);
    assert.deepEqual({ status, contentRange }, { status: 416, contentRange: `bytes */${size}` }, range);
  }
  const whole = await fetchDigest(page, href, undefined);
  assert.equal(whole.status, 200);
  assert.equal(whole.sha256, sha256(file), 'the whole answer');
}

function fetchDigest(page, href, range) {
  return page.evaluate(
    async ({ href, range }) => {
      const answer = await fetch(href, { headers: range ? { Range: range } : {}, cache: 'no-store' });
      const hash = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
      return {
        status: answer.status,
        contentRange: answer.headers.get('Content-Range'),
        contentLength: answer.headers.get('Content-Length'),
        sha256: [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
      };
    },
    { href, range },
  );
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

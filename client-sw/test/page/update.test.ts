/** A release that takes another's place, or not: what was whole stays whole until then. And two servers with one tag. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDownloads } from '../../src/page/downloads.ts';
import { Database } from '../../src/storage/database.ts';
import { loadDownload, loadManifestOfTag } from '../../src/storage/downloads.ts';
import { answerBlob } from '../../src/sw/answer-blob.ts';
import { type FakeNetwork, putAway, stubContext, stubNetwork } from '../support/context.ts';
import { publish, type Release, sha256 } from '../support/release.ts';

let first: Release;
let second: Release;
let network: FakeNetwork;
let downloads: ReturnType<typeof createDownloads>;
const db = new Database();

beforeEach(async () => {
  stubContext();
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('location', new URL('https://example.org/'));
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  first = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  second = await publish({ 'a.mp4': 3500, 'b.m4a': 800 }, { release: 2, altered: { 'a.mp4': 1500 } });
  network = stubNetwork(second, first);
  downloads = createDownloads({ serviceWorker: false });
});

afterEach(async () => {
  await putAway(downloads);
  await db.close();
  vi.unstubAllGlobals();
});

const complete = (release: number) =>
  vi.waitFor(async () => expect(await downloads.get('t')).toMatchObject({ state: 'complete', release }));

/** Starts the update and holds its first new bytes back. */
async function updateHalfway() {
  await downloads.start('t', { manifest: first.manifest });
  await complete(1);
  network.fault('/pieces/1', () => new Promise<Response>(() => undefined));
  await downloads.start('t', { manifest: second.manifest });
  await vi.waitFor(() => expect(network.asked.at(-1)).toContain(`${second.hex('a.mp4')}/pieces/1`));
}

async function play(release: Release): Promise<string> {
  network.down = true;
  const answer = await answerBlob(
    { db, concurrency: 1, announce: () => undefined },
    new Request(release.url('a.mp4')),
  );
  network.down = false;
  return sha256(new Uint8Array(await answer.arrayBuffer()));
}

test('an update that is cancelled leaves the release that was whole, playable and complete', async () => {
  await updateHalfway();
  expect(await downloads.get('t')).toMatchObject({ release: 2, state: 'downloading', availableRelease: 1 });
  expect(await play(first)).toBe(first.hex('a.mp4'));
  expect((await loadManifestOfTag(db, 't', undefined))?.download.release).toBe(1);

  await downloads.cancel('t');
  expect(await downloads.get('t')).toMatchObject({ release: 1, state: 'complete' });
  expect(await downloads.get('t')).not.toHaveProperty('availableRelease');
  expect(await play(first)).toBe(first.hex('a.mp4'));
});

test('an update that is paused and goes on keeps what it replaces until it is complete', async () => {
  await updateHalfway();
  await downloads.pause('t');
  expect(await downloads.get('t')).toMatchObject({ state: 'paused', availableRelease: 1 });
  await downloads.resume('t');
  await complete(2);
  expect(await play(second)).toBe(second.hex('a.mp4'));
  expect((await loadDownload(db, 't'))?.kept).toBeUndefined();
});

test('what is complete is not cancelled', async () => {
  await downloads.start('t', { manifest: first.manifest });
  await complete(1);
  await downloads.cancel('t');
  expect(await downloads.get('t')).toMatchObject({ state: 'complete' });
});

test('two servers may use one tag', async () => {
  await downloads.start('t', { manifest: first.manifest });
  await complete(1);
  const other = createDownloads({ serviceWorker: false, server: 'https://other.example' });
  expect(await other.get('t')).toBeUndefined();
  const begun = await other.start('t', { manifest: second.manifest });
  expect(begun.id).toBe('t@https://other.example');
  await vi.waitFor(async () => expect(await other.get('t')).toMatchObject({ state: 'complete', release: 2 }));
  expect(await downloads.get('t')).toMatchObject({ state: 'complete', release: 1 });
  await other.remove('t');
  expect(await other.get(begun.id)).toBeUndefined();
  expect(await downloads.get('t')).toMatchObject({ state: 'complete', release: 1 });
  other.close();
});

test('a manifest that does not match its own digest is refused before anything is stored', async () => {
  const forged = structuredClone(first.manifest);
  forged.metadata.title = 'Something else';
  await expect(downloads.start('t', { manifest: forged })).rejects.toMatchObject({ code: 'bad-manifest' });
  expect(await downloads.list()).toEqual([]);
});

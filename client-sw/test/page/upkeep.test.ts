/** What the page library says about downloads: what they would take, what is newer, and the text for a bug report. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Downloads } from '../../src/page/api.ts';
import { createDownloads } from '../../src/page/downloads.ts';
import { type FakeNetwork, putAway, stubNetwork, stubPage } from '../support/context.ts';
import { publish, type Release } from '../support/release.ts';

const SECRET = 'sig-7f3a-token';
/** Everything that could tell what somebody listens to, or let somebody else in. */
const PRIVATE = ['Field Recording', 'a.mp4', 'b.m4a', SECRET, 'example.org', 'tags/', 'blobs/', '?'];

let first: Release;
let second: Release;
let network: FakeNetwork;
let downloads: Downloads;

beforeEach(async () => {
  stubPage('https://example.org/library?account=me');
  first = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  second = await publish({ 'a.mp4': 3500, 'b.m4a': 800 }, { release: 2, altered: { 'a.mp4': 1500 } });
  network = stubNetwork(first);
  downloads = createDownloads({ serviceWorker: false });
});

afterEach(async () => {
  await putAway(downloads);
  vi.unstubAllGlobals();
});

async function complete(id: string): Promise<void> {
  await vi.waitFor(async () => expect(await downloads.get(id)).toMatchObject({ state: 'complete' }));
}

/** From here on the tag's current release is the second. */
function release2(): void {
  for (const [path, answer] of second.answers) first.answers.set(path, answer);
}

test('an estimate says what a first download takes, and that nothing is left once it is there', async () => {
  const { downloadTotal = 0 } = first.manifest.download.selections[0] ?? {};
  const before = await downloads.estimate('t');
  expect(before).toMatchObject({ release: 1, bytesTotal: downloadTotal, stored: 0, fits: true });
  expect(before.bytesToFetch).toBe(downloadTotal);
  expect(before.roomNeeded).toBeGreaterThan(downloadTotal);
  await downloads.start('t');
  await complete('t');
  expect(await downloads.estimate('t')).toMatchObject({ bytesToFetch: 0, stored: 4300, fits: true });
});

test('an estimate says when it does not fit', async () => {
  vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: 8_999_000, quota: 9_000_000 });
  expect(await downloads.estimate('t')).toMatchObject({ fits: false });
});

test('without a tag it is about storage only', async () => {
  expect(await downloads.estimate()).toEqual({
    usage: 1_000_000,
    quota: 9_000_000,
    persisted: false,
    stored: 0,
  });
});

test('an update brings the current release and fetches only what is new', async () => {
  await downloads.start('t');
  await complete('t');
  expect(await downloads.update('t')).toMatchObject({ release: 1, state: 'complete' });
  release2();
  network.asked.length = 0;
  expect(await downloads.update('t')).toMatchObject({ release: 2 });
  await complete('t');
  const hex = second.hex('a.mp4');
  expect(network.asked.filter((path) => path.startsWith('/blobs/'))).toEqual([`/blobs/${hex}/pieces/1`]);
});

test('an update of what is not there, or with the server away, says so and changes nothing', async () => {
  await expect(downloads.update('t')).rejects.toMatchObject({ code: 'not-downloaded' });
  await downloads.start('t');
  await complete('t');
  network.down = true;
  await expect(downloads.update('t')).rejects.toMatchObject({ code: 'network' });
  expect(await downloads.get('t')).toMatchObject({ release: 1, state: 'complete' });
});

test('a diagnosis tells states, sizes and errors, and nothing of what is downloaded or by whom', {
  timeout: 20_000,
}, async () => {
  const signed = `https://example.org/tags/t/manifest.json?signature=${SECRET}`;
  for (const path of first.answers.keys()) if (path.startsWith('/blobs/')) first.answers.delete(path);
  await downloads.load(signed);
  await downloads.start(signed);
  await vi.waitFor(async () => expect(await downloads.get('t')).toMatchObject({ state: 'failed' }), 10_000);
  const text = await downloads.diagnose();
  expect(text).toContain('Engine/1');
  expect(text).toMatch(/#1 failed \(not-found\) by pieces, \d+ of \d+ bytes/);
  expect(text).toContain(first.manifest.download.digest.slice(7, 15));
  expect(text).toMatch(/#1 failed \(not-found\)\n/);
  expect(text).toContain('used 1 MB of 9 MB');
  for (const secret of PRIVATE) expect(text).not.toContain(secret);
});

test('a diagnosis of a browser that gives no storage says that', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('no', 'InvalidStateError');
  });
  const other = createDownloads({ serviceWorker: false });
  expect(await other.diagnose()).toMatch(/Storage\n {2}could not be read: StorageError storage/);
  vi.mocked(indexedDB.open).mockRestore();
  other.close();
});

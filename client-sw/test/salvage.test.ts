/** What is taken out of a Background Fetch, whatever its outcome was said to be. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BackgroundFetchRecord } from '../src/protocol/background-fetch.ts';
import { loadDownload } from '../src/storage/downloads.ts';
import { salvageRecords } from '../src/transport/salvage.ts';
import {
  broken,
  createEnvironment,
  type FakeNetwork,
  register,
  stubContext,
  stubNetwork,
} from './support/context.ts';
import { publish, type Release } from './support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;

beforeEach(async () => {
  stubContext();
  environment = createEnvironment();
  release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  network = stubNetwork(release);
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

/** Records of every address of the selection; an entry of `instead` replaces the answer whose address contains its key. */
function records(instead: Record<string, Response | Promise<Response>> = {}): BackgroundFetchRecord[] {
  const { selections } = release.manifest.download;
  const hrefs = selections[0]?.hrefs ?? [];
  // matchAll's order is not the order of requests.
  return [...hrefs].reverse().map((href) => {
    const fault = Object.entries(instead).find(([part]) => href.includes(part))?.[1];
    const responseReady = Promise.resolve(fault ?? new Response(release.answers.get(href)));
    responseReady.catch(() => undefined);
    return { request: new Request(new URL(href, release.manifestUrl)), responseReady };
  });
}

const salvage = async (given: BackgroundFetchRecord[]) =>
  salvageRecords(environment, await register(environment, release), given);

test('good records are everything, without a single request', async () => {
  expect(await salvage(records())).toBe(true);
  expect(network.asked).toEqual([]);
  const record = await loadDownload(environment.db, 't');
  expect(record?.bytesStored).toBe(record?.bytesTotal);
});

test.each<[string, () => Response | Promise<Response>]>([
  ['a 404', () => new Response('gone', { status: 404 })],
  ['a 200 with no bytes', () => new Response('')],
  ['a body that breaks', () => new Response(broken(new Uint8Array(100)))],
  ['a record that rejects', () => Promise.reject(new TypeError('no response'))],
  ['a page in its place', () => new Response('<html>'.repeat(500))],
])('%s costs its own asset and no other', async (_, answer) => {
  expect(await salvage(records({ 'b.m4a': answer() }))).toBe(false);
  const record = await loadDownload(environment.db, 't');
  expect(record?.bytesStored).toBe((record?.bytesTotal ?? 0) - 800);
});

test('half an asset is kept to its last whole piece', async () => {
  const half = release.files.get('a.mp4')?.slice(0, 2400);
  expect(await salvage(records({ 'a.mp4': new Response(half) }))).toBe(false);
  const record = await loadDownload(environment.db, 't');
  expect(record?.bytesStored).toBe((record?.bytesTotal ?? 0) - 1500);
});

test('a lost piece index is fetched, so that the records can be checked', async () => {
  expect(await salvage(records({ 'pieces.json': new Response('', { status: 500 }) }))).toBe(true);
  expect(network.asked).toEqual([release.manifest.download.pieces.href]);
});

test('without a piece index nothing is stored', async () => {
  network.down = true;
  expect(await salvage(records({ 'pieces.json': new Response('wrong') }))).toBe(false);
  expect((await loadDownload(environment.db, 't'))?.bytesStored).toBe(0);
});

test('parts are put where they belong', async () => {
  const href = `/blobs/${release.hex('a.mp4')}/pieces/1-2`;
  const part = {
    request: new Request(`https://example.org${href}`),
    responseReady: Promise.resolve(new Response(release.answers.get(href))),
  };
  const rest = records({ 'a.mp4': new Response(release.files.get('a.mp4')?.slice(0, 1000)) });
  expect(await salvage([...rest, part])).toBe(false);
  const record = await loadDownload(environment.db, 't');
  expect(record?.bytesStored).toBe((record?.bytesTotal ?? 0) - 500);
});

/** What was complete and is not any longer: found, said, and repaired by fetching only the gaps. And what has expired. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { QuotaError } from '../src/errors/quota-error.ts';
import { lookOver, lookOverAll } from '../src/page/upkeep/look-over.ts';
import { loadAddress } from '../src/storage/addresses.ts';
import { describe, loadDownload, updateDownload } from '../src/storage/downloads.ts';
import type { DownloadRecord } from '../src/storage/schema.ts';
import { answerBlob } from '../src/sw/answer-blob.ts';
import { driveDownload } from '../src/transport/drive.ts';
import { type createEnvironment, type FakeNetwork, prepareRelease, register } from './support/context.ts';
import { type Release, sealed } from './support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;
const never = new AbortController().signal;
const DAY_MS = 24 * 60 * 60 * 1000;

beforeEach(async () => {
  ({ environment, release, network } = await prepareRelease({ 'a.mp4': 3500, 'b.m4a': 800 }));
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function download() {
  await register(environment, release);
  await driveDownload(environment, 't', never);
  network.asked.length = 0;
  return record();
}

async function record(): Promise<DownloadRecord> {
  const found = await loadDownload(environment.db, 't');
  if (!found) throw new Error('it was registered');
  return found;
}

/** Does something to the stored bytes of one piece of a.mp4. */
async function spoil(index: number, bytes: Uint8Array<ArrayBuffer> | undefined) {
  const piece = release.pieces.get(release.hex('a.mp4'))?.[index]?.sha256 ?? '';
  await environment.db.transact('spoil', 'pieces', 'readwrite', async (transaction) => {
    const store = transaction.objectStore('pieces');
    if (bytes) store.put(new Blob([bytes]), piece);
    else store.delete(piece);
  });
}

async function repair() {
  await driveDownload(environment, 't', never);
  expect(await record()).toMatchObject({ state: 'complete', bytesStored: (await record()).bytesTotal });
  return network.asked.map((path) => path.split('/').at(-1));
}

test('nothing is changed, and nothing asked for, where all is well', async () => {
  await download();
  await lookOverAll(environment, never);
  expect(await record()).toMatchObject({ state: 'complete' });
  expect(await lookOver(environment, await record(), 'digests')).toMatchObject({
    piecesChecked: 5,
    bytesChecked: 4300,
    piecesMissing: 0,
    piecesDamaged: 0,
    bytesToRepair: 0,
  });
  expect(network.asked).toEqual([]);
});

test('an evicted piece is found at start-up, and it alone is fetched', async () => {
  await download();
  await spoil(1, undefined);
  await lookOverAll(environment, never);
  expect(await record()).toMatchObject({ state: 'damaged' });
  expect((await record()).bytesTotal - (await record()).bytesStored).toBe(1000);
  expect(await repair()).toEqual(['1']);
});

test('a piece that was cut short is found at start-up', async () => {
  await download();
  await spoil(2, new Uint8Array(999));
  await lookOverAll(environment, never);
  expect(await repair()).toEqual(['2']);
});

test('a wrong byte is found at start-up, in the part that is read that day', async () => {
  await download();
  await spoil(2, new Uint8Array(1000));
  await lookOverAll(environment, never);
  expect(await record()).toMatchObject({ state: 'damaged' });
  expect(await repair()).toEqual(['2']);
});

test('bytes are read once a day, and no page that is opened meanwhile reads any', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await download();
  const hash = vi.spyOn(crypto.subtle, 'digest');
  await lookOverAll(environment, never);
  expect(hash).toHaveBeenCalledTimes(5);
  await spoil(2, new Uint8Array(1000));
  vi.setSystemTime(Date.now() + DAY_MS - 60_000);
  await lookOverAll(environment, never);
  expect(hash).toHaveBeenCalledTimes(5);
  expect(await record()).toMatchObject({ state: 'complete' });
  vi.setSystemTime(Date.now() + 120_000);
  await lookOverAll(environment, never);
  expect(await repair()).toEqual(['2']);
});

test('of two pages that are opened at once one reads, and what a download has is looked up once for it', async () => {
  await download();
  const hash = vi.spyOn(crypto.subtle, 'digest');
  const transact = vi.spyOn(environment.db, 'transact');
  await Promise.all([lookOverAll(environment, never), lookOverAll(environment, never)]);
  expect(hash).toHaveBeenCalledTimes(5);
  expect(transact.mock.calls.filter(([operation]) => operation === 'read piece lists')).toHaveLength(2);
});

test('a clock that was wrong for a while does not stop the daily look', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await download();
  const now = Date.now();
  vi.setSystemTime(now + 1000 * DAY_MS);
  await lookOverAll(environment, never);
  vi.setSystemTime(now + 60_000);
  await spoil(2, new Uint8Array(1000));
  await lookOverAll(environment, never);
  expect(await repair()).toEqual(['2']);
});

test('nobody is told of a look that finds nothing', async () => {
  const before = describe(await download());
  environment.heard.length = 0;
  await lookOverAll(environment, never);
  expect(describe(await record())).toEqual(before);
  expect(environment.heard).toEqual([]);
});

test('a look that cannot be noted is no fault', async () => {
  await download();
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  const transact = environment.db.transact.bind(environment.db);
  vi.spyOn(environment.db, 'transact').mockImplementation((...args: Parameters<typeof transact>) =>
    args[0] === 'write a download' ? Promise.reject(new QuotaError()) : transact(...args),
  );
  await lookOverAll(environment, never);
  expect(info).toHaveBeenCalledOnce();
});

test('a wrong byte is found when every byte is read', async () => {
  await download();
  await spoil(0, new Uint8Array(1000));
  await lookOver(environment, await record(), 'lengths');
  expect(await record()).toMatchObject({ state: 'complete' });
  expect(await lookOver(environment, await record(), 'digests')).toMatchObject({
    piecesDamaged: 1,
    piecesMissing: 0,
    bytesToRepair: 1000,
  });
  expect(await record()).toMatchObject({ state: 'damaged' });
  expect(await repair()).toEqual(['0']);
});

test('piece lists that were evicted are fetched again, and no content', async () => {
  await download();
  await environment.db.transact('evict', 'blobs', 'readwrite', async (transaction) => {
    transaction.objectStore('blobs').clear();
  });
  await lookOverAll(environment, never);
  expect(await record()).toMatchObject({ state: 'damaged' });
  expect(await repair()).toEqual(['pieces.json']);
});

test('a gap that only playing has met is noted', async () => {
  await download();
  await spoil(1, undefined);
  await answerBlob(environment, new Request(release.url('a.mp4'), { headers: { Range: 'bytes=0-' } }));
  expect(await record()).toMatchObject({ state: 'damaged' });
});

test('a release that has expired does not play without the network, even when the clock is turned back', async () => {
  release.manifest.download.expires = new Date(Date.now() + 60_000).toISOString();
  sealed(release.manifest);
  await download();
  network.down = true;
  const ask = () => answerBlob(environment, new Request(release.url('a.mp4')));
  expect((await ask()).status).toBe(200);

  const now = Date.now();
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 61_000);
  await expect(ask()).rejects.toThrow('Failed to fetch');
  expect(await record()).toMatchObject({ state: 'stale' });
  clock.mockReturnValue(now);
  await expect(ask()).rejects.toThrow('Failed to fetch');
  clock.mockRestore();
});

test('a release that has expired is found at start-up, and plays again once it is renewed', async () => {
  const registered = await download();
  release.manifest.download.expires = '2026-01-01T00:00:00Z';
  await updateDownload(environment.db, 't', () => ({ manifest: sealed(release.manifest) }));
  await lookOverAll(environment, never);
  expect(await record()).toMatchObject({ state: 'stale' });

  await register(environment, release, { ...registered, manifest: { ...release.manifest } });
  const { expires: _expires, ...unlimited } = release.manifest.download;
  await register(environment, { ...release, manifest: { ...release.manifest, download: unlimited } });
  expect((await loadAddress(environment.db, release.url('a.mp4')))?.address).not.toHaveProperty('expiresAt');
});

test('a metered network is waited for, and the download goes on when it ends', async () => {
  const connection = { saveData: true };
  vi.stubGlobal('navigator', { ...navigator, connection });
  await register(environment, release, { policy: { saveData: 'wait' } });
  await driveDownload(environment, 't', never);
  expect(await record()).toMatchObject({ state: 'paused', pauseReason: 'metered' });
  expect(network.asked).toEqual([]);
  connection.saveData = false;
  await driveDownload(environment, 't', never);
  expect(await record()).toMatchObject({ state: 'complete' });
});

test('tries that brought nothing are counted over drivers that come and go', async () => {
  await register(environment, release, { attempts: 9 });
  for (let i = 0; i < 2; i += 1) network.fault('pieces.json', () => new Response('', { status: 500 }));
  await driveDownload(environment, 't', never);
  expect(await record()).toMatchObject({ state: 'failed', error: { code: 'server-error' }, attempts: 10 });
});

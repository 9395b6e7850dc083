/** What was complete and is not any longer: found, said, and repaired by fetching only the gaps. And what has expired. */
import { expect, test, vi } from 'vitest';
import { QuotaError } from '../src/errors/quota-error.ts';
import { lookOver, lookOverAll } from '../src/page/upkeep/look-over.ts';
import { loadAddress } from '../src/storage/addresses.ts';
import { describe, loadDownload, updateDownload } from '../src/storage/downloads.ts';
import type { DownloadRecord } from '../src/storage/schema.ts';
import { answerBlob } from '../src/sw/answer-blob.ts';
import { driveDownload } from '../src/transport/drive.ts';
import { prepareEach, register, spoilPiece } from './support/context.ts';
import { sealed } from './support/release.ts';

const given = prepareEach({ 'a.mp4': 3500, 'b.m4a': 800 });
const never = new AbortController().signal;
const DAY_MS = 24 * 60 * 60 * 1000;

async function download() {
  await register(given.environment, given.release);
  await driveDownload(given.environment, 't', never);
  given.network.asked.length = 0;
  return record();
}

async function record(): Promise<DownloadRecord> {
  const found = await loadDownload(given.environment.db, 't');
  if (!found) throw new Error('it was registered');
  return found;
}

const spoil = (index: number, bytes?: Uint8Array<ArrayBuffer>) => spoilPiece(given, 'a.mp4', index, bytes);

async function repair() {
  await driveDownload(given.environment, 't', never);
  expect(await record()).toMatchObject({ state: 'complete', bytesStored: (await record()).bytesTotal });
  return given.network.asked.map((path) => path.split('/').at(-1));
}

test('nothing is changed, and nothing asked for, where all is well', async () => {
  await download();
  await lookOverAll(given.environment, never);
  expect(await record()).toMatchObject({ state: 'complete' });
  expect(await lookOver(given.environment, await record(), 'digests')).toMatchObject({
    piecesChecked: 5,
    bytesChecked: 4300,
    piecesMissing: 0,
    piecesDamaged: 0,
    bytesToRepair: 0,
  });
  expect(given.network.asked).toEqual([]);
});

test('an evicted piece is found at start-up, and it alone is fetched', async () => {
  await download();
  await spoil(1);
  await lookOverAll(given.environment, never);
  expect(await record()).toMatchObject({ state: 'damaged' });
  expect((await record()).bytesTotal - (await record()).bytesStored).toBe(1000);
  expect(await repair()).toEqual(['1']);
});

test('a piece that was cut short is found at start-up', async () => {
  await download();
  await spoil(2, new Uint8Array(999));
  await lookOverAll(given.environment, never);
  expect(await repair()).toEqual(['2']);
});

test('a wrong byte is found at start-up, in the part that is read that day', async () => {
  await download();
  await spoil(2, new Uint8Array(1000));
  await lookOverAll(given.environment, never);
  expect(await record()).toMatchObject({ state: 'damaged' });
  expect(await repair()).toEqual(['2']);
});

test('bytes are read once a day, and no page that is opened meanwhile reads any', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await download();
  const hash = vi.spyOn(crypto.subtle, 'digest');
  await lookOverAll(given.environment, never);
  expect(hash).toHaveBeenCalledTimes(5);
  await spoil(2, new Uint8Array(1000));
  vi.setSystemTime(Date.now() + DAY_MS - 60_000);
  await lookOverAll(given.environment, never);
  expect(hash).toHaveBeenCalledTimes(5);
  expect(await record()).toMatchObject({ state: 'complete' });
  vi.setSystemTime(Date.now() + 120_000);
  await lookOverAll(given.environment, never);
  expect(await repair()).toEqual(['2']);
});

test('of two pages that are opened at once one reads, and what a download has is looked up once for it', async () => {
  await download();
  const hash = vi.spyOn(crypto.subtle, 'digest');
  const transact = vi.spyOn(given.environment.db, 'transact');
  await Promise.all([lookOverAll(given.environment, never), lookOverAll(given.environment, never)]);
  expect(hash).toHaveBeenCalledTimes(5);
  expect(transact.mock.calls.filter(([operation]) => operation === 'read piece lists')).toHaveLength(2);
});

test('a clock that was wrong for a while does not stop the daily look', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await download();
  const now = Date.now();
  vi.setSystemTime(now + 1000 * DAY_MS);
  await lookOverAll(given.environment, never);
  vi.setSystemTime(now + 60_000);
  await spoil(2, new Uint8Array(1000));
  await lookOverAll(given.environment, never);
  expect(await repair()).toEqual(['2']);
});

test('nobody is told of a look that finds nothing', async () => {
  const before = describe(await download());
  given.environment.heard.length = 0;
  await lookOverAll(given.environment, never);
  expect(describe(await record())).toEqual(before);
  expect(given.environment.heard).toEqual([]);
});

test('a look that cannot be noted is no fault', async () => {
  await download();
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  const transact = given.environment.db.transact.bind(given.environment.db);
  vi.spyOn(given.environment.db, 'transact').mockImplementation((...args: Parameters<typeof transact>) =>
    args[0] === 'write a download' ? Promise.reject(new QuotaError()) : transact(...args),
  );
  await lookOverAll(given.environment, never);
  expect(info).toHaveBeenCalledOnce();
});

test('a wrong byte is found when every byte is read', async () => {
  await download();
  await spoil(0, new Uint8Array(1000));
  await lookOver(given.environment, await record(), 'lengths');
  expect(await record()).toMatchObject({ state: 'complete' });
  expect(await lookOver(given.environment, await record(), 'digests')).toMatchObject({
    piecesDamaged: 1,
    piecesMissing: 0,
    bytesToRepair: 1000,
  });
  expect(await record()).toMatchObject({ state: 'damaged' });
  expect(await repair()).toEqual(['0']);
});

test('piece lists that were evicted are fetched again, and no content', async () => {
  await download();
  await given.environment.db.transact('evict', 'blobs', 'readwrite', async (transaction) => {
    transaction.objectStore('blobs').clear();
  });
  await lookOverAll(given.environment, never);
  expect(await record()).toMatchObject({ state: 'damaged' });
  expect(await repair()).toEqual(['pieces.json']);
});

test('a gap that only playing has met is noted', async () => {
  await download();
  await spoil(1);
  await answerBlob(
    given.environment,
    new Request(given.release.url('a.mp4'), { headers: { Range: 'bytes=0-' } }),
  );
  expect(await record()).toMatchObject({ state: 'damaged' });
});

test('a release that has expired does not play without the network, even when the clock is turned back', async () => {
  given.release.manifest.download.expires = new Date(Date.now() + 60_000).toISOString();
  sealed(given.release.manifest);
  await download();
  given.network.down = true;
  const ask = () => answerBlob(given.environment, new Request(given.release.url('a.mp4')));
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
  given.release.manifest.download.expires = '2026-01-01T00:00:00Z';
  await updateDownload(given.environment.db, 't', () => ({ manifest: sealed(given.release.manifest) }));
  await lookOverAll(given.environment, never);
  expect(await record()).toMatchObject({ state: 'stale' });

  await register(given.environment, given.release, {
    ...registered,
    manifest: { ...given.release.manifest },
  });
  const { expires: _expires, ...unlimited } = given.release.manifest.download;
  await register(given.environment, {
    ...given.release,
    manifest: { ...given.release.manifest, download: unlimited },
  });
  expect((await loadAddress(given.environment.db, given.release.url('a.mp4')))?.address).not.toHaveProperty(
    'expiresAt',
  );
});

test('a metered network is waited for, and the download goes on when it ends', async () => {
  const connection = { saveData: true };
  vi.stubGlobal('navigator', { ...navigator, connection });
  await register(given.environment, given.release, { policy: { saveData: 'wait' } });
  await driveDownload(given.environment, 't', never);
  expect(await record()).toMatchObject({ state: 'paused', pauseReason: 'metered' });
  expect(given.network.asked).toEqual([]);
  connection.saveData = false;
  await driveDownload(given.environment, 't', never);
  expect(await record()).toMatchObject({ state: 'complete' });
});

test('tries that brought nothing are counted over drivers that come and go', async () => {
  await register(given.environment, given.release, { attempts: 9 });
  for (let i = 0; i < 2; i += 1) given.network.fault('pieces.json', () => new Response('', { status: 500 }));
  await driveDownload(given.environment, 't', never);
  expect(await record()).toMatchObject({ state: 'failed', error: { code: 'server-error' }, attempts: 10 });
});

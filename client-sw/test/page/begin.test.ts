/** How a download begins: what is picked, what a person does meanwhile, and what two tabs do at once. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { beginDownload } from '../../src/page/begin.ts';
import { createDownloads } from '../../src/page/downloads.ts';
import { draftDownload } from '../../src/page/draft.ts';
import type { CapableRegistration } from '../../src/protocol/background-fetch.ts';
import type { Transport } from '../../src/protocol/download.ts';
import { loadDownload } from '../../src/storage/downloads.ts';
import { loadBlobs } from '../../src/storage/pieces.ts';
import { restoreKept } from '../../src/storage/restore-kept.ts';
import type { DownloadRecord } from '../../src/storage/schema.ts';
import { removeDownload } from '../../src/storage/sweep.ts';
import { change } from '../../src/transport/change.ts';
import { driveDownload } from '../../src/transport/drive.ts';
import {
  type createEnvironment,
  type FakeNetwork,
  prepareRelease,
  register,
  stubNetwork,
  stubPage,
} from '../support/context.ts';
import { publish, type Release } from '../support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;
/** Ids of the fetches that the fake browser runs. */
let running: Set<string>;
/** How many fetches were ended. */
let ended: number;
/** What happens while the browser starts a fetch. */
let meanwhile: () => Promise<unknown>;
let registration: CapableRegistration;

beforeEach(async () => {
  ({ environment, release, network } = await prepareRelease({ 'a.mp4': 3500, 'b.m4a': 800 }));
  running = new Set();
  ended = 0;
  meanwhile = async () => undefined;
  const backgroundFetch = {
    getIds: async () => [...running],
    get: async (id: string) => (running.has(id) ? { result: '', abort: async () => end(id) } : undefined),
    fetch: async (id: string) => {
      await meanwhile();
      running.add(id);
    },
  };
  registration = { active: {}, backgroundFetch } as unknown as CapableRegistration;
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

/** Ends a fetch, as the page asks. */
function end(id: string): boolean {
  ended += 1;
  return running.delete(id);
}

const draft = () => draftDownload(release.manifest, release.manifestUrl, 'everything');
const begin = (wanted: Transport | 'auto' = 'auto', record: DownloadRecord = draft()) =>
  beginDownload(environment, registration, wanted, record, new AbortController().signal);

/** The browser says that there is room for so many bytes more. */
function leaveRoom(bytes: number): void {
  const estimate = async () => ({ usage: 1000, quota: 1000 + bytes });
  vi.stubGlobal('navigator', { ...navigator, storage: { estimate } });
}

test('picks Background Fetch where there is one', async () => {
  expect(await begin()).toMatchObject({ state: 'downloading', transport: 'background-fetch' });
  expect(running.size).toBe(1);
});

test('takes the transport that fits: Background Fetch wants the room three times, progressive none', async () => {
  const { bytesTotal } = draft();
  leaveRoom(3 * bytesTotal);
  expect(await begin()).toMatchObject({ state: 'downloading', transport: 'background-fetch' });
  leaveRoom(2 * bytesTotal);
  expect(await begin()).toMatchObject({ state: 'downloading', transport: 'pieces' });
  leaveRoom(bytesTotal);
  expect(await begin()).toMatchObject({
    state: 'paused',
    pauseReason: 'progressive',
    transport: 'progressive',
  });
});

test('progressive fetches nothing but the piece lists, by which the worker keeps what is played', async () => {
  leaveRoom(100);
  await begin();
  expect(network.asked).toEqual([release.manifest.download.pieces.href]);
  expect((await loadBlobs(environment.db, [release.hex('a.mp4')])).size).toBe(1);
  await driveDownload(environment, 't', new AbortController().signal);
  expect(network.asked, 'a driver that a sync wakes leaves it alone').toHaveLength(1);
  leaveRoom(1_000_000);
  expect(await begin()).toMatchObject({ state: 'downloading', transport: 'background-fetch' });
});

test('progressive plays also where not even the piece lists come', async () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  network.down = true;
  expect(await begin('progressive')).toMatchObject({ state: 'paused', pauseReason: 'progressive' });
  expect(info).toHaveBeenCalledOnce();
  info.mockRestore();
});

test('asks to be kept for good when a download begins, and does not wait for the answer', async () => {
  const persist = vi.fn(() => new Promise<boolean>(() => undefined));
  vi.stubGlobal('navigator', { ...navigator, storage: { persist } });
  expect(await begin()).toMatchObject({ state: 'downloading' });
  expect(persist).toHaveBeenCalledOnce();
});

test.each(['a first download', 'an update'])(
  '%s that fits once the person lets it be kept is begun',
  async (what) => {
    let quota = 1100;
    const estimate = async () => ({ usage: 1000, quota });
    const persist = vi.fn(async () => {
      quota = 1_000_000;
      return true;
    });
    vi.stubGlobal('navigator', { ...navigator, storage: { estimate, persist } });
    const record = what === 'an update' ? { ...draft(), kept: draft() } : draft();
    expect(await begin('pieces', record)).toMatchObject({ state: 'downloading', transport: 'pieces' });
    expect(persist).toHaveBeenCalledOnce();
  },
);

test('where there is too little room a person who never answers is not waited for without end', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const persist = vi.fn(() => new Promise<boolean>(() => undefined));
  const estimate = vi.fn(async () => ({ usage: 1000, quota: 1100 }));
  vi.stubGlobal('navigator', { ...navigator, storage: { estimate, persist } });
  const begun = begin();
  while (estimate.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(20_000);
  vi.useRealTimers();
  expect(await begun).toMatchObject({ state: 'paused', pauseReason: 'progressive' });
});

test('a forced transport, and an update, that do not fit are not begun', async () => {
  leaveRoom(100);
  await expect(begin('pieces')).rejects.toMatchObject({ code: 'quota-exceeded' });
  await expect(begin('background-fetch')).rejects.toMatchObject({ code: 'quota-exceeded' });
  await expect(begin('auto', { ...draft(), kept: draft() })).rejects.toMatchObject({
    code: 'quota-exceeded',
  });
  expect(await loadDownload(environment.db, 't')).toBeUndefined();
});

test('with hours it waits outside of them, and in them takes pieces, which can be stopped', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 10, 22, 12, 30) });
  const policy = { hours: { from: 22, to: 6 } };
  expect(await begin('auto', { ...draft(), policy })).toMatchObject({
    state: 'paused',
    pauseReason: 'schedule',
  });
  vi.setSystemTime(new Date(2026, 10, 22, 23, 0));
  expect(await begin('auto', { ...draft(), policy })).toMatchObject({
    state: 'downloading',
    transport: 'pieces',
  });
  vi.useRealTimers();
});

/** Another download's files, where this one's are stored: begun at an hour of the day. */
async function beginAnother(hour: number) {
  await register(environment, release);
  await driveDownload(environment, 't', new AbortController().signal);
  const another = await publish({ 'a.mp4': 3500, 'd.mp4': 1500 }, { release: 2 });
  network = stubNetwork(another);
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 10, 22, hour, 30) });
  const record = draftDownload(another.manifest, another.manifestUrl, 'everything');
  const begun = await begin('auto', { ...record, id: 'u', policy: { hours: { from: 22, to: 6 } } });
  vi.useRealTimers();
  return { another, begun };
}

test('where another download has stored something, it begins with what is missing, and the piece lists are kept', async () => {
  const { another, begun } = await beginAnother(23);
  expect(network.asked).toEqual([another.manifest.download.pieces.href]);
  expect(begun.bytesStored).toBe(3500 + another.manifest.download.pieces.size);
  expect((await loadBlobs(environment.db, [another.hex('d.mp4')])).size).toBe(1);
});

test('a download that has to wait asks for nothing, also where another has stored something', async () => {
  const { begun } = await beginAnother(12);
  expect(begun).toMatchObject({ state: 'paused', pauseReason: 'schedule' });
  expect(network.asked).toEqual([]);
});

test('piece lists that come wrong do not keep a download from beginning', async () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  await register(environment, release);
  await driveDownload(environment, 't', new AbortController().signal);
  const another = await publish({ 'd.mp4': 1500 }, { release: 2 });
  network = stubNetwork(another);
  network.fault('pieces.json', () => new Response('{}'));
  const record = draftDownload(another.manifest, another.manifestUrl, 'everything');
  expect(await begin('auto', { ...record, id: 'u' })).toMatchObject({ state: 'downloading', bytesStored: 0 });
  expect(info).toHaveBeenCalledOnce();
  info.mockRestore();
});

test('a cancel while the browser starts the fetch ends that fetch', async () => {
  meanwhile = () => removeDownload(environment.db, 't');
  await expect(begin()).rejects.toMatchObject({ code: 'not-downloaded' });
  expect([...running]).toEqual([]);
});

test('a cancel while the browser refuses the fetch leaves no download', async () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  meanwhile = async () => {
    await removeDownload(environment.db, 't');
    throw new DOMException('no', 'NotAllowedError');
  };
  await expect(begin()).rejects.toMatchObject({ code: 'not-downloaded' });
  info.mockRestore();
});

test.each([
  ['pause', () => change(environment, 't', { type: 'pause', reason: 'user' }), 'paused'],
  ['cancel of an update', () => restoreKept(environment.db, 't'), 'complete'],
])('a %s while the browser refuses the fetch is believed', async (_, act, state) => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  meanwhile = async () => {
    await act();
    throw new DOMException('no', 'NotAllowedError');
  };
  expect(await begin('auto', { ...draft(), kept: draft() })).toMatchObject({ state });
  info.mockRestore();
});

test('an update that is cancelled while the browser starts its fetch ends that fetch', async () => {
  meanwhile = () => restoreKept(environment.db, 't');
  const { manifest, title, release: number, hexes, bytesTotal } = draft();
  const kept = { manifest, title, release: number, hexes, bytesTotal };
  expect(await begin('auto', { ...draft(), kept })).toMatchObject({ state: 'complete' });
  expect([...running]).toEqual([]);
});

test('a pause while the browser starts the fetch ends that fetch', async () => {
  meanwhile = () => change(environment, 't', { type: 'pause', reason: 'user' });
  expect(await begin()).toMatchObject({ state: 'paused', pauseReason: 'user' });
  expect([...running]).toEqual([]);
});

test('a browser that never answers is not waited for, and what it starts later ends at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  let start = () => {};
  let asked = false;
  meanwhile = () => {
    asked = true;
    return new Promise<void>((resolve) => {
      start = resolve;
    });
  };
  const begun = begin();
  while (!asked) await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await begun).toMatchObject({ state: 'downloading', transport: 'pieces' });
  vi.useRealTimers();
  start();
  await vi.waitFor(() => expect(ended).toBe(1));
  info.mockRestore();
});

test('what is stored already needs no Background Fetch, forced or not', async () => {
  await register(environment, release);
  await driveDownload(environment, 't', new AbortController().signal);
  expect(await begin('background-fetch')).toMatchObject({ state: 'downloading', transport: 'pieces' });
  expect(running.size).toBe(0);
  await driveDownload(environment, 't', new AbortController().signal);
  expect(await loadDownload(environment.db, 't')).toMatchObject({ state: 'complete' });
});

test('a page that is not secure is told so before anything is stored', async () => {
  stubPage(release.manifestUrl);
  vi.stubGlobal('isSecureContext', false);
  const downloads = createDownloads({ serviceWorker: false });
  await expect(downloads.start('t', { manifest: release.manifest })).rejects.toMatchObject({
    code: 'unsupported',
  });
  expect(await downloads.list()).toEqual([]);
  downloads.close();
});

/** A download that is cancelled while the browser asks the person whether it may be kept: nothing is begun, whatever the answer. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Downloads } from '../../src/page/api.ts';
import { createDownloads } from '../../src/page/downloads.ts';
import type { Download } from '../../src/protocol/download.ts';
import { type FakeNetwork, putAway, stubNetwork, stubPage } from '../support/context.ts';
import { publish, type Release } from '../support/release.ts';

let release: Release;
let network: FakeNetwork;
let downloads: Downloads;
/** The person's answer. */
let answer: (yes: boolean) => void;
let persist: ReturnType<typeof vi.fn>;
let room: number;

beforeEach(async () => {
  stubPage('https://example.org/library');
  release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  network = stubNetwork(release);
  room = 100;
  persist = vi.fn(
    () =>
      new Promise<boolean>((resolve) => {
        answer = (yes) => {
          if (yes) room = 1_000_000;
          resolve(yes);
        };
      }),
  );
  const estimate = async () => ({ usage: 1000, quota: 1000 + room });
  vi.stubGlobal('navigator', { ...navigator, storage: { estimate, persist } });
  downloads = createDownloads({ serviceWorker: false });
  await downloads.ready;
});

afterEach(async () => {
  await putAway(downloads);
  vi.unstubAllGlobals();
});

/** Starts it, and resolves once the person is asked. */
async function startAndAsk(from = downloads): Promise<{ begun: Promise<Download> }> {
  const { manifest } = release;
  const begun = from.start('t', { manifest });
  begun.catch(() => undefined);
  await vi.waitFor(() => expect(persist).toHaveBeenCalled());
  await settled();
  return { begun };
}

/** Whatever is under way has come as far as it comes. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

async function expectNothing(): Promise<void> {
  network.asked.length = 0;
  answer(true);
  await settled();
  expect(await downloads.list()).toEqual([]);
  expect(network.asked).toEqual([]);
}

test.each(['cancel', 'remove'] as const)('a first download is not begun after a %s', async (how) => {
  const { begun } = await startAndAsk();
  await downloads[how]('t');
  await expect(begun).rejects.toMatchObject({ code: 'not-downloaded' });
  await expectNothing();
});

test('a cancel in another tab counts, too', async () => {
  const { begun } = await startAndAsk();
  const other = createDownloads({ serviceWorker: false });
  await other.cancel('t');
  other.close();
  await expect(begun).rejects.toMatchObject({ code: 'not-downloaded' });
  await expectNothing();
});

test('a tab that begins it as well gives nobody up, and is told what the first one was', async () => {
  const forced = { serviceWorker: false, transport: 'pieces' } as const;
  const tabs = [createDownloads(forced), createDownloads(forced)];
  const begun = tabs.map((tab) => tab.start('t', { manifest: release.manifest }));
  const ends = Promise.allSettled(begun);
  await vi.waitFor(() => expect(persist).toHaveBeenCalled());
  // What one tab tells the other has come.
  await settled();
  answer(false);
  await vi.waitFor(() => expect(persist).toHaveBeenCalledTimes(2));
  answer(false);
  const codes = (await ends).map((end) => end.status === 'rejected' && end.reason.code);
  expect(codes).toEqual(['quota-exceeded', 'quota-exceeded']);
  for (const tab of tabs) tab.close();
});

test('an update that is cancelled leaves the release that is there', async () => {
  room = 1_000_000;
  await downloads.start('t');
  await vi.waitFor(async () => expect(await downloads.get('t')).toMatchObject({ state: 'complete' }));
  persist.mockClear();
  room = 100;
  release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 }, { release: 2, altered: { 'a.mp4': 1500 } });
  const { begun } = await startAndAsk();
  await downloads.cancel('t');
  expect(await begun).toMatchObject({ state: 'complete', release: 1 });
  answer(true);
  await settled();
  expect(await downloads.get('t')).toMatchObject({ state: 'complete', release: 1 });
});

test('a pause holds a download that was about to go on', async () => {
  room = 1_000_000;
  network.down = true;
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  await downloads.start('t', { manifest: release.manifest });
  await downloads.pause('t');
  persist.mockClear();
  room = 100;
  const begun = downloads.resume('t');
  await vi.waitFor(() => expect(persist).toHaveBeenCalled());
  await settled();
  await downloads.pause('t');
  expect(await begun).toMatchObject({ state: 'paused', pauseReason: 'user' });
});

test('it can be started again at once', async () => {
  const { begun } = await startAndAsk();
  const cancelled = downloads.cancel('t');
  const again = downloads.start('t', { manifest: release.manifest });
  await cancelled;
  await expect(begun).rejects.toMatchObject({ code: 'not-downloaded' });
  await vi.waitFor(() => expect(persist).toHaveBeenCalledTimes(2));
  answer(true);
  expect(await again).toMatchObject({ state: 'downloading' });
});

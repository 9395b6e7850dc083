/** No wait without an end: what stays silent is given up with a typed error, and what is merely slow is not. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { followBackgroundFetch, type Standstill } from '../src/page/follow-background-fetch.ts';
import type { BackgroundFetchManager } from '../src/protocol/background-fetch.ts';
import { loadDownload } from '../src/storage/downloads.ts';
import { fetchGap } from '../src/transport/fetch-gap.ts';
import { fetchWhole } from '../src/transport/fetch-whole.ts';
import { loadInventory } from '../src/transport/inventory.ts';
import { fetchPieceLists } from '../src/transport/piece-lists.ts';
import { salvageRecords } from '../src/transport/salvage.ts';
import { type createEnvironment, type FakeNetwork, prepareRelease, register } from './support/context.ts';
import type { Release } from './support/release.ts';

const HALF_A_MINUTE_MS = 30_000;

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;

beforeEach(async () => {
  ({ environment, release, network } = await prepareRelease({ 'a.mp4': 3500, 'b.m4a': 800 }));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  await environment.db.close();
});

const never = <T>() => new Promise<T>(() => undefined);

test('a server that never answers is given up after half a minute, as a network that is away', async () => {
  network.fault('a.mp4', () => never());
  const asked = fetchWhole(release.url('a.mp4'), new AbortController().signal);
  const refused = expect(asked).rejects.toMatchObject({ code: 'network' });
  await vi.advanceTimersByTimeAsync(HALF_A_MINUTE_MS);
  await refused;
});

test('an answer is given up half a minute after its last byte, and not while bytes come', async () => {
  let stopped = false;
  const signals: AbortSignal[] = [];
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    if (init.signal) signals.push(init.signal);
    return fetch(url, init);
  });
  const answer = await fetchWhole(release.url('a.mp4'), new AbortController().signal);
  signals[0]?.addEventListener('abort', () => (stopped = true));
  for (let arrivals = 0; arrivals < 10; arrivals += 1) {
    await vi.advanceTimersByTimeAsync(HALF_A_MINUTE_MS - 1);
    answer.touch();
  }
  expect(stopped).toBe(false);
  await vi.advanceTimersByTimeAsync(HALF_A_MINUTE_MS);
  expect(stopped).toBe(true);
});

test('a record that never settles costs its own asset, and the others are kept', async () => {
  const download = await register(environment, release);
  const { index } = await loadInventory(environment.db, download);
  await fetchPieceLists(environment.db, download, index.url, new AbortController().signal);
  const record = (name: string, responseReady: Promise<Response>) => ({
    request: new Request(release.url(name)),
    responseReady,
  });
  const salvaged = salvageRecords(environment, download, [
    record('a.mp4', never()),
    record('b.m4a', Promise.resolve(new Response(release.files.get('b.m4a')))),
  ]);
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(HALF_A_MINUTE_MS);
    expect(await Promise.race([salvaged, 'waiting'])).toBe(false);
  });
  const { bytesStored, bytesTotal } = (await loadDownload(environment.db, 't')) ?? {};
  expect(bytesStored).toBe((bytesTotal ?? 0) - 3500);
});

test('a player is not kept waiting for a piece that never comes', async () => {
  // AbortSignal.timeout has a clock of its own.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException('late', 'TimeoutError')), ms);
    return controller.signal;
  });
  const download = await register(environment, release);
  const { index } = await loadInventory(environment.db, download);
  await fetchPieceLists(environment.db, download, index.url, new AbortController().signal);
  const blob = (await loadInventory(environment.db, download)).blobs.get(release.hex('a.mp4'));
  if (!blob) throw new Error('no piece list');
  network.fault('/pieces/0', () => never());
  const refused = expect(fetchGap(environment.db, blob, 0, release.url('a.mp4'))).rejects.toMatchObject({
    code: 'network',
  });
  await vi.waitFor(() => expect(network.asked.at(-1)).toContain('/pieces/0'));
  await vi.advanceTimersByTimeAsync(HALF_A_MINUTE_MS);
  await refused;
  vi.restoreAllMocks();
});

describe('a Background Fetch that is silent', () => {
  const LOOK_MS = 10_000;
  const LOOKS_UNTIL_TOLD = 9;
  let registration: EventTarget & { result: '' | 'success'; downloaded: number };
  let get: () => Promise<typeof registration>;
  let told: number[];
  /** What is told of standing still, and what is answered to it. */
  let onStill: ReturnType<typeof vi.fn<(standstill: Standstill) => Promise<boolean | undefined>>>;
  let followed: Promise<boolean>;
  let stop: AbortController;

  beforeEach(() => {
    registration = Object.assign(new EventTarget(), { result: '' as const, downloaded: 7 });
    get = vi.fn(async () => registration);
    told = [];
    onStill = vi.fn(async () => true);
    stop = new AbortController();
    const manager = { get } as unknown as BackgroundFetchManager;
    followed = followBackgroundFetch(manager, 'id', (bytes) => told.push(bytes), onStill, stop.signal);
  });

  afterEach(() => stop.abort());

  /** Bytes come, 64 KiB at a time. */
  async function move(times: number) {
    for (let i = 0; i < times; i += 1) {
      await vi.advanceTimersByTimeAsync(100);
      registration.downloaded += 65_536;
      registration.dispatchEvent(new Event('progress'));
    }
  }

  test('for an hour is asked again and again, and followed to its end', async () => {
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(vi.mocked(get).mock.calls.length).toBeGreaterThan(300);
    registration.downloaded = 11;
    registration.dispatchEvent(new Event('progress'));
    expect(told.at(-1)).toBe(11);
    registration.result = 'success';
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(await followed).toBe(true);
  });

  test('is told of, again with what was answered, and not any more once bytes come', async () => {
    await move(20);
    await vi.advanceTimersByTimeAsync((LOOKS_UNTIL_TOLD - 1) * LOOK_MS);
    expect(onStill).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2 * LOOK_MS);
    const bytes = registration.downloaded;
    expect(onStill.mock.calls).toEqual([[{ moves: 21, bytes, answered: undefined }]]);
    await vi.advanceTimersByTimeAsync((LOOKS_UNTIL_TOLD + 1) * LOOK_MS);
    expect(onStill.mock.calls.slice(1)).toEqual([[{ moves: 21, bytes, answered: true }]]);
    await move(1);
    await vi.advanceTimersByTimeAsync((LOOKS_UNTIL_TOLD + 1) * LOOK_MS);
    const more = registration.downloaded;
    expect(onStill.mock.calls.slice(2)).toEqual([[{ moves: 22, bytes: more, answered: undefined }]]);
  });

  test('to a page that sleeps is not told of', async () => {
    await move(20);
    const { now } = performance;
    let asleepMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + asleepMs);
    for (let look = 0; look < 30; look += 1) {
      await vi.advanceTimersByTimeAsync(LOOK_MS / 2);
      asleepMs += 60_000;
      await vi.advanceTimersByTimeAsync(LOOK_MS / 2);
    }
    expect(onStill).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test('before a page slept is not held against it afterwards', async () => {
    await move(20);
    await vi.advanceTimersByTimeAsync((LOOKS_UNTIL_TOLD + 1) * LOOK_MS);
    const bytes = registration.downloaded;
    expect(onStill.mock.calls).toEqual([[{ moves: 21, bytes, answered: undefined }]]);
    const { now } = performance;
    const awakeMs = now.call(performance);
    vi.spyOn(performance, 'now').mockReturnValueOnce(awakeMs + 60_000);
    await vi.advanceTimersByTimeAsync((LOOKS_UNTIL_TOLD + 3) * LOOK_MS);
    expect(onStill.mock.calls.slice(1)).toEqual([[{ moves: 21, bytes, answered: undefined }]]);
    vi.restoreAllMocks();
  });
});

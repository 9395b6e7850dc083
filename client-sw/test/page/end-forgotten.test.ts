/** A fetch that the browser has forgotten is ended; one that may be healthy never is. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isUnfinished } from '../../src/core/state.ts';
import { QuotaError } from '../../src/errors/quota-error.ts';
import { endForgotten, noteBegun } from '../../src/page/end-forgotten.ts';
import { keepArrived } from '../../src/page/keep-arrived.ts';
import { loadEngine } from '../../src/page/load-engine.ts';
import { Runner } from '../../src/page/runner.ts';
import type { BackgroundFetchManager, CapableRegistration } from '../../src/protocol/background-fetch.ts';
import { loadDownload, updateDownload } from '../../src/storage/downloads.ts';
import type { DownloadRecord } from '../../src/storage/schema.ts';
import { isDirectRange } from '../../src/transport/fetch-whole.ts';
import { loadInventory } from '../../src/transport/inventory.ts';
import { fetchPieceLists } from '../../src/transport/piece-lists.ts';
import { type createEnvironment, type FakeNetwork, prepareRelease, register } from '../support/context.ts';
import type { Release } from '../support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;

beforeEach(async () => {
  ({ environment, release, network } = await prepareRelease({ 'a.mp4': 3500, 'b.m4a': 800 }));
  for (const method of ['info', 'error'] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined);
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await environment.db.close();
});

const pathOf = (url: string) => new URL(url).pathname;
/** What a page gets of an answer without CORS. */
const unreadable = () => Promise.reject(new TypeError('Failed to fetch'));
const never = <T>() => new Promise<T>(() => undefined);

describe('a Background Fetch that stands still', () => {
  const FETCH_ID = 't@0123456789abcdef';
  const ELSEWHERE = 't@begun-elsewhere';
  const MOVES = 2;
  let registration: EventTarget & {
    result: '' | 'failure';
    downloaded: number;
    downloadTotal: number;
    abort: ReturnType<typeof vi.fn<() => Promise<boolean>>>;
  };
  let manager: BackgroundFetchManager;
  let download: DownloadRecord;
  /** The request that the browser has forgotten. */
  let answer: Promise<Response>;

  beforeEach(async () => {
    answer = never();
    const records = () => [
      {
        request: new Request(release.url('b.m4a')),
        responseReady: Promise.resolve(new Response(release.files.get('b.m4a'))),
      },
      { request: new Request(release.url('a.mp4')), responseReady: answer },
    ];
    registration = Object.assign(new EventTarget(), {
      result: '' as const,
      downloaded: 800,
      downloadTotal: 4300,
      abort: vi.fn(async () => {
        // The state that the worker will find at the end of the fetch.
        expect(await loadDownload(environment.db, 't')).toMatchObject({ pauseReason: 'offline' });
        registration.result = 'failure';
        return true;
      }),
    });
    const current = Object.assign(registration, { matchAll: async () => records() });
    manager = { get: vi.fn(async () => current) } as unknown as BackgroundFetchManager;
    download = await begin(FETCH_ID);
    noteBegun(FETCH_ID);
  });

  const begin = (backgroundFetchId: string) =>
    register(environment, release, {
      state: 'downloading',
      transport: 'background-fetch',
      backgroundFetchId,
    });
  const stored = async () => (await loadDownload(environment.db, 't'))?.bytesStored;
  const takeLists = async () => {
    const { index } = await loadInventory(environment.db, download);
    await fetchPieceLists(environment.db, download, index.url, new AbortController().signal);
    network.asked.length = 0;
  };
  const lookAtStill = (moves: number, answered?: boolean) =>
    endForgotten(environment, manager, download, { moves, bytes: 800, answered });

  test('is ended when its server has answered twice meanwhile, and waits for nobody', async () => {
    await takeLists();
    expect(await lookAtStill(MOVES)).toBe(true);
    expect(registration.abort).not.toHaveBeenCalled();
    expect(await lookAtStill(MOVES, true)).toBe(true);
    expect(registration.abort).toHaveBeenCalledOnce();
    const now = await loadDownload(environment.db, 't');
    expect(now && isUnfinished(now)).toBe(true);
  });

  test('is asked for by one byte of what has not come, past the worker', async () => {
    const { fetch } = globalThis;
    const asked: Request[] = [];
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      asked.push(new Request(url, init));
      return fetch(url, init);
    });
    await takeLists();
    asked.length = 0;
    await lookAtStill(MOVES, true);
    expect(asked.map(({ url }) => url)).toEqual([release.url('a.mp4')]);
    expect(asked[0]?.headers.get('range')).toBe('bytes=0-0');
    expect(asked[0] && isDirectRange(asked[0])).toBe(true);
  });

  test('is left alone while its server is away', async () => {
    network.down = true;
    await expect(lookAtStill(MOVES, true)).rejects.toMatchObject({ code: 'network' });
    expect(registration.abort).not.toHaveBeenCalled();
    expect(await loadDownload(environment.db, 't')).toMatchObject({ state: 'downloading' });
  });

  test.each([
    [206, 1],
    [404, 1],
    [403, 1],
    [500, 0],
    [503, 0],
  ])('and whose server answers %i is ended %i times', async (status, times) => {
    network.fault('a.mp4', () => new Response('x', { status }));
    const looked = await lookAtStill(MOVES, true).catch((error) => error.status);
    expect(looked).toBe(times ? true : status);
    expect(registration.abort).toHaveBeenCalledTimes(times);
  });

  test('is ended where its server refuses in a way that no page may read, and that of the manifest answers', async () => {
    network.fault('a.mp4', unreadable);
    expect(await lookAtStill(MOVES, true)).toBe(true);
    expect(registration.abort).toHaveBeenCalledOnce();
    expect(network.asked.slice(-2)).toEqual([release.url('a.mp4'), release.manifestUrl].map(pathOf));
  });

  test('is left alone where its server seems away, and that of the manifest is in trouble', async () => {
    network.fault('a.mp4', unreadable);
    network.fault('manifest.json', () => new Response('x', { status: 503 }));
    await expect(lookAtStill(MOVES, true)).rejects.toMatchObject({ status: 503 });
    expect(registration.abort).not.toHaveBeenCalled();
  });

  test('is left alone where its server is silent, whatever that of the manifest says', async () => {
    const patience = new AbortController();
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(patience.signal);
    network.fault('a.mp4', () => {
      queueMicrotask(() => patience.abort());
      return never();
    });
    await expect(lookAtStill(MOVES, true)).rejects.toMatchObject({ code: 'network' });
    expect(network.asked.map((path) => path.split('/').at(-1))).not.toContain('manifest.json');
    expect(registration.abort).not.toHaveBeenCalled();
  });

  test('is left alone when bytes come after all', async () => {
    network.fault('a.mp4', () => {
      registration.downloaded += 1;
      return new Response('x', { status: 206 });
    });
    expect(await lookAtStill(MOVES, true)).toBe(true);
    expect(registration.abort).not.toHaveBeenCalled();
  });

  test('is left to the download that has gone on without it meanwhile', async () => {
    await updateDownload(environment.db, 't', () => ({ backgroundFetchId: undefined, transport: 'pieces' }));
    await lookAtStill(MOVES, true);
    expect(registration.abort).not.toHaveBeenCalled();
    expect(await loadDownload(environment.db, 't')).toMatchObject({ state: 'downloading' });
  });

  test('goes on where the browser does not let it be ended', async () => {
    registration.abort.mockRejectedValue(new TypeError('no'));
    await expect(lookAtStill(MOVES, true)).rejects.toThrow('no');
    expect(await loadDownload(environment.db, 't')).toMatchObject({ state: 'downloading' });
  });

  test('is not ended for being followed: then only what is whole is kept, without the network', async () => {
    await takeLists();
    await keepArrived(environment, manager, download);
    expect(registration.abort).not.toHaveBeenCalled();
    expect(network.asked).toHaveLength(0);
    expect(await stored()).toBeGreaterThan(800);
  });

  describe('before a page that follows it for an hour', () => {
    let runner: Runner;

    beforeEach(async () => {
      // The first import takes real time.
      await loadEngine();
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      for (const name of ['addEventListener', 'removeEventListener']) vi.stubGlobal(name, () => undefined);
      runner = new Runner(environment, () => undefined);
      runner.registration = { active: {}, backgroundFetch: manager } as unknown as CapableRegistration;
    });

    afterEach(() => runner.stop('t'));

    /** Bytes come while the page looks, unless there are none; then silence. */
    async function beginWatching(downloaded: number) {
      registration.downloaded = downloaded && 1;
      runner.run('t');
      for (const bytes of [2, 3, downloaded]) {
        await vi.advanceTimersByTimeAsync(10_000);
        registration.downloaded = Math.min(bytes, downloaded);
        registration.dispatchEvent(new Event('progress'));
      }
    }

    async function watchForAnHour(downloaded: number) {
      await beginWatching(downloaded);
      // In steps, so that what takes real time can keep up.
      for (let seconds = 0; seconds < 3600; seconds += 2) await vi.advanceTimersByTimeAsync(2_000);
    }

    async function watchUntil(isOver: () => boolean | Promise<boolean>) {
      await beginWatching(800);
      while (!(await isOver())) await vi.advanceTimersByTimeAsync(2_000);
    }

    const isEnded = () => registration.result !== '';

    test('is ended if the browser has forgotten it, and comes by pieces', async () => {
      await watchUntil(async () => (await loadDownload(environment.db, 't'))?.state === 'complete');
      expect(registration.abort).toHaveBeenCalledOnce();
    });

    test('is ended also where there is no room for what has come of it', async () => {
      await takeLists();
      const transact = environment.db.transact.bind(environment.db);
      let refused = 0;
      vi.spyOn(environment.db, 'transact').mockImplementation((operation, ...rest) => {
        if (operation !== 'store a piece') return transact(operation, ...rest);
        refused += 1;
        return Promise.reject(new QuotaError());
      });
      registration.abort.mockImplementation(async () => {
        expect(refused).toBeGreaterThan(0);
        registration.result = 'failure';
        return true;
      });
      await watchUntil(isEnded);
      expect(registration.abort).toHaveBeenCalledOnce();
    });

    test('has been kept, as far as it is whole, when it is ended', async () => {
      await takeLists();
      let kept: number | undefined;
      registration.abort.mockImplementation(async () => {
        kept = await stored();
        registration.result = 'failure';
        return true;
      });
      await watchUntil(isEnded);
      expect(kept).toBeGreaterThan(800);
    });

    test('is not ended when bytes come again while what has arrived is being kept', async () => {
      await takeLists();
      const hasAnswered = () => network.asked.length > 0;
      const transact = environment.db.transact.bind(environment.db);
      vi.spyOn(environment.db, 'transact').mockImplementation((operation, ...rest) => {
        if (operation === 'look up pieces' && hasAnswered()) registration.downloaded += 1;
        return transact(operation, ...rest);
      });
      await watchForAnHour(800);
      expect(registration.downloaded).toBeGreaterThan(800);
      expect(registration.abort).not.toHaveBeenCalled();
    });

    test.each([
      ['it waits for another fetch, and has not begun', 0, FETCH_ID],
      ['all its bytes are there, and the browser copies them', 4300, FETCH_ID],
      ['the browser has been restarted, and tells of whole answers only', 800, ELSEWHERE],
    ])('is never ended while %s', async (_why, downloaded, fetchId) => {
      await updateDownload(environment.db, 't', () => ({ backgroundFetchId: fetchId }));
      await watchForAnHour(downloaded);
      expect(vi.mocked(manager.get).mock.calls.length).toBeGreaterThan(300);
      expect(registration.abort).not.toHaveBeenCalled();
      expect(await loadDownload(environment.db, 't')).toMatchObject({
        state: 'downloading',
        backgroundFetchId: fetchId,
      });
    });
  });
});

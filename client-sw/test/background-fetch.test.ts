/** How a Background Fetch begins in the page and ends in the worker, with the browser's part played by fakes. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { planTransfer } from '../src/core/plan.ts';
import { startBackgroundFetch } from '../src/page/start-background-fetch.ts';
import type {
  BackgroundFetchFailureReason,
  BackgroundFetchManager,
  BackgroundFetchUpdateUIEvent,
} from '../src/protocol/background-fetch.ts';
import { loadDownload } from '../src/storage/downloads.ts';
import { removeDownload } from '../src/storage/sweep.ts';
import { onBackgroundFetchClick, onBackgroundFetchEnd } from '../src/sw/background-fetch.ts';
import type { WorkerEnvironment } from '../src/sw/options.ts';
import { onSync } from '../src/sw/sync.ts';
import { change } from '../src/transport/change.ts';
import { driveDownload } from '../src/transport/drive.ts';
import { loadInventory } from '../src/transport/inventory.ts';
import {
  createEnvironment,
  type FakeNetwork,
  register,
  stubContext,
  stubNetwork,
} from './support/context.ts';
import { publish, type Release } from './support/release.ts';

const FETCH_ID = 't@0123456789abcdef';

let environment: WorkerEnvironment & { heard: unknown[] };
let release: Release;
let network: FakeNetwork;
/** Ids that the fake browser says are under way. */
let running: Set<string>;
let synced: string[];

beforeEach(async () => {
  stubContext();
  running = new Set();
  synced = [];
  const registration = {
    backgroundFetch: { get: async (id: string) => (running.has(id) ? { result: '' } : undefined) },
    sync: { register: async (tag: string) => synced.push(tag) },
  };
  environment = {
    ...createEnvironment(),
    scope: { registration } as unknown as ServiceWorkerGlobalScope,
    server: new URL('https://example.org/'),
    downloadsUrl: 'https://example.org/downloads',
    drivers: new Map(),
  };
  release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  network = stubNetwork(release);
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

const downloading = () =>
  register(environment, release, {
    state: 'downloading',
    transport: 'background-fetch',
    backgroundFetchId: FETCH_ID,
  });
const load = () => loadDownload(environment.db, 't');

/** Ends the fetch: answers are right but for those whose address contains a key of `instead`. */
async function end(failureReason: BackgroundFetchFailureReason, instead: Record<string, Response> = {}) {
  const hrefs = release.manifest.download.selections[0]?.hrefs ?? [];
  const records = hrefs.map((href) => ({
    request: new Request(new URL(href, release.manifestUrl)),
    responseReady: Promise.resolve(
      Object.entries(instead).find(([part]) => href.includes(part))?.[1] ??
        new Response(release.answers.get(href)),
    ),
  }));
  const updateUI = vi.fn(async () => undefined);
  const waits: Promise<unknown>[] = [];
  const event = {
    registration: { id: FETCH_ID, failureReason, matchAll: async () => records },
    updateUI,
    waitUntil: (promise: Promise<unknown>) => waits.push(promise),
  } as unknown as BackgroundFetchUpdateUIEvent;
  onBackgroundFetchEnd(environment, event);
  expect(waits).toHaveLength(1);
  await Promise.all(waits);
  return updateUI;
}

describe('the end', () => {
  test('of a success completes the download and names it in the browser’s list, once', async () => {
    await downloading();
    const updateUI = await end('');
    expect(await load()).toMatchObject({ state: 'complete', backgroundFetchId: undefined });
    expect(updateUI.mock.calls).toEqual([[{ title: 'Field Recording' }]]);
    expect(network.asked).toEqual([]);
  });

  test('of a "success" with a 0-byte body is not believed: the rest is fetched by pieces', async () => {
    await downloading();
    const updateUI = await end('', { 'a.mp4': new Response('') });
    expect(await load()).toMatchObject({ state: 'complete', transport: 'pieces' });
    expect(network.asked).toEqual([`/blobs/${release.hex('a.mp4')}/pieces/0-3`]);
    expect(synced).toEqual(['stowaway:t']);
    expect(updateUI).not.toHaveBeenCalled();
  });

  test('of a failure of which everything arrived completes the download', async () => {
    await downloading();
    await end('bad-status');
    expect(await load()).toMatchObject({ state: 'complete' });
    expect(network.asked).toEqual([]);
  });

  test('for want of room keeps what is good, and leaves the rest until the browser has given its copies up', async () => {
    const { bytesTotal } = await downloading();
    await end('quota-exceeded', { 'a.mp4': new Response('') });
    expect(await load()).toMatchObject({
      state: 'downloading',
      transport: 'pieces',
      bytesStored: bytesTotal - 3500,
    });
    expect(network.asked).toEqual([]);
    expect(synced).toEqual(['stowaway:t']);
  });

  test('by the person in the browser’s own list keeps what is good and pauses', async () => {
    const { bytesTotal } = await downloading();
    await end('aborted', { 'a.mp4': new Response('') });
    expect(await load()).toMatchObject({
      state: 'paused',
      pauseReason: 'browser',
      bytesStored: bytesTotal - 3500,
    });
    expect(network.asked).toEqual([]);
  });

  test('by a pause in the page leaves that pause as it is', async () => {
    await downloading();
    await register(environment, release, {
      state: 'paused',
      pauseReason: 'user',
      backgroundFetchId: FETCH_ID,
    });
    await end('aborted', { 'a.mp4': new Response('') });
    expect(await load()).toMatchObject({ state: 'paused', pauseReason: 'user' });
  });

  test('by a page that waits for Wi-Fi keeps what is good and leaves the rest to pieces, without a person', async () => {
    const { bytesTotal } = await downloading();
    await change(environment, 't', { type: 'pause', reason: 'metered' });
    await end('aborted', { 'a.mp4': new Response('') });
    const waiting = { state: 'paused', pauseReason: 'metered', transport: 'pieces' };
    expect(await load()).toMatchObject({
      ...waiting,
      backgroundFetchId: undefined,
      bytesStored: bytesTotal - 3500,
    });
    expect(network.asked).toEqual([]);
  });

  test('of a fetch that was begun anew meanwhile only keeps what is good', async () => {
    const { bytesTotal } = await downloading();
    running.add(FETCH_ID);
    await end('aborted', { 'a.mp4': new Response('') });
    expect(await load()).toMatchObject({
      state: 'downloading',
      transport: 'background-fetch',
      bytesStored: bytesTotal - 3500,
    });
  });

  test('of a fetch whose download was removed changes nothing', async () => {
    await downloading();
    await removeDownload(environment.db, 't');
    await end('aborted');
    expect(await load()).toBeUndefined();
    expect(environment.heard).toEqual([]);
  });
});

describe('a sync', () => {
  function sync(tag: string) {
    const waits: Promise<unknown>[] = [];
    onSync(environment, { tag, waitUntil: (promise: Promise<unknown>) => waits.push(promise) } as never);
    return waits;
  }

  test('goes on with the pieces', async () => {
    await register(environment, release, { state: 'downloading' });
    await Promise.all(sync('stowaway:t'));
    expect(await load()).toMatchObject({ state: 'complete' });
  });

  test('that is left over does not run beside a Background Fetch', async () => {
    await downloading();
    running.add(FETCH_ID);
    await Promise.all(sync('stowaway:t'));
    expect(network.asked).toEqual([]);
  });

  test('leaves what waits for the battery to a page, which can see it', async () => {
    const waiting = { state: 'paused', pauseReason: 'battery' } as const;
    await register(environment, release, { ...waiting, policy: { minimumBattery: 0.5 } });
    await expect(Promise.all(sync('stowaway:t'))).rejects.toThrow('not finished');
    expect(await load()).toMatchObject(waiting);
    expect(network.asked).toEqual([]);
    vi.stubGlobal('document', {});
    await driveDownload(environment, 't', new AbortController().signal);
    expect(await load()).toMatchObject({ state: 'complete' });
  });

  test('of the site’s own is left alone', () => {
    expect(sync('outbox')).toEqual([]);
  });
});

test('a click on a running download brings its page to the front, or opens it', async () => {
  const focus = vi.fn();
  const openWindow = vi.fn();
  const windows = [{ url: 'https://example.org/' }, { url: 'https://example.org/downloads?x=1', focus }];
  const clients = { matchAll: async () => windows, openWindow };
  const click = async () => {
    const waits: Promise<unknown>[] = [];
    const scope = { clients } as unknown as ServiceWorkerGlobalScope;
    onBackgroundFetchClick({ ...environment, scope }, {
      waitUntil: (wait: Promise<unknown>) => waits.push(wait),
    } as never);
    await Promise.all(waits);
  };
  await click();
  expect(focus).toHaveBeenCalledOnce();
  windows.pop();
  await click();
  expect(openWindow).toHaveBeenCalledExactlyOnceWith('https://example.org/downloads');
});

describe('the beginning', () => {
  const ids = ['t@0000000000000000', 't@0000000000000000+audio', 'u@0000000000000000', 'photos'];

  test('asks for the whole list with the exact total, and ends stale fetches of this tag and selection only', async () => {
    const aborted: string[] = [];
    const fetch = vi.fn();
    const manager = {
      fetch,
      getIds: async () => ids,
      get: async (id: string) => ({ abort: async () => aborted.push(id) }),
    } as unknown as BackgroundFetchManager;
    const record = await register(environment, release);
    const inventory = await loadInventory(environment.db, record);
    const plan = planTransfer({ ...inventory, pieces: new Map(), shape: 'assets' });
    const icons = [{ src: '/blobs/cover.jpg', sizes: '600x600', type: 'image/jpeg' }];
    await startBackgroundFetch(manager, record, plan, { id: FETCH_ID, title: 'T', icons, downloadTotal: 0 });

    const selection = release.manifest.download.selections[0];
    expect(aborted).toEqual(['t@0000000000000000']);
    expect(fetch).toHaveBeenCalledExactlyOnceWith(
      FETCH_ID,
      selection?.hrefs.map((href) => new URL(href, release.manifestUrl).href),
      {
        title: 'T',
        icons: [{ ...icons[0], src: 'https://example.org/blobs/cover.jpg' }],
        downloadTotal: selection?.downloadTotal,
      },
    );
  });
});

/** A page that is opened while a Background Fetch runs shows how far it is, whatever another page has kept of it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepArrived } from '../../src/page/keep-arrived.ts';
import { Runner } from '../../src/page/runner.ts';
import type { BackgroundFetchManager, CapableRegistration } from '../../src/protocol/background-fetch.ts';
import type { Download } from '../../src/protocol/download.ts';
import type { DownloadRecord } from '../../src/storage/schema.ts';
import { loadInventory } from '../../src/transport/inventory.ts';
import { fetchPieceLists } from '../../src/transport/piece-lists.ts';
import { type createEnvironment, prepareRelease, register } from '../support/context.ts';
import type { Release } from '../support/release.ts';

const ASSET = 3500;

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let manager: BackgroundFetchManager;
let runner: Runner;
let shown: Download[];

beforeEach(async () => {
  ({ environment, release } = await prepareRelease({ 'a.mp4': ASSET, 'b.m4a': ASSET, 'c.m4a': ASSET }));
  for (const name of ['addEventListener', 'removeEventListener']) vi.stubGlobal(name, () => undefined);
  const registration = Object.assign(new EventTarget(), {
    result: '',
    downloaded: ASSET,
    downloadTotal: 2 * ASSET,
    matchAll: async () => [
      {
        request: new Request(release.url('b.m4a')),
        responseReady: Promise.resolve(new Response(release.files.get('b.m4a'))),
      },
      { request: new Request(release.url('a.mp4')), responseReady: new Promise(() => undefined) },
    ],
  });
  manager = { get: async () => registration } as unknown as BackgroundFetchManager;
  shown = [];
  runner = new Runner(environment, (message) => message.type === 'changed' && shown.push(message.download));
  runner.registration = { active: {}, backgroundFetch: manager } as unknown as CapableRegistration;
});

afterEach(async () => {
  runner.stop('t');
  vi.unstubAllGlobals();
  await environment.db.close();
});

/** Half of what the fetch is to bring has arrived, and another page keeps it; then this page is opened. */
async function openPage(begun: Partial<DownloadRecord>) {
  const record = await register(environment, release, {
    state: 'downloading',
    transport: 'background-fetch',
    backgroundFetchId: 'fetch',
    ...begun,
  });
  const { index } = await loadInventory(environment.db, record);
  await fetchPieceLists(environment.db, record, index.url, new AbortController().signal);
  await keepArrived(environment, manager, record);
  runner.run('t');
  await vi.waitFor(() => expect(shown.length).toBeGreaterThan(0));
}

test('what is kept of a fetch is not counted twice', async () => {
  await openPage({ bytesStored: ASSET, bytesBeforeFetch: ASSET });
  expect(shown[0]?.bytesReceived).toBe(2 * ASSET);
});

test('a fetch that an older version began is not shown further than it is', async () => {
  await openPage({ bytesStored: 0 });
  const { bytesStored = 0, bytesReceived, bytesTotal = 0 } = shown[0] ?? {};
  expect(bytesReceived).toBe(bytesStored);
  expect(bytesReceived).toBeLessThan(bytesTotal);
});

test('how the ledger counts is not told', async () => {
  await openPage({ bytesBeforeFetch: 0 });
  expect(shown[0]).not.toHaveProperty('bytesBeforeFetch');
});

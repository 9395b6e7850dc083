/** What an open page does when the network changes under a Background Fetch, and with what is complete when it is opened. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Downloads } from '../../src/page/api.ts';
import { createDownloads } from '../../src/page/downloads.ts';
import { Database } from '../../src/storage/database.ts';
import { updateDownload } from '../../src/storage/downloads.ts';
import { type FakeNetwork, putAway, stubNetwork, stubPage } from '../support/context.ts';
import { publish, type Release } from '../support/release.ts';

class FakeFetch extends EventTarget {
  result = '';
  downloaded = 0;
  /** The worker finds that nothing has come, and lets go of the fetch. */
  async abort(): Promise<boolean> {
    this.result = 'failure';
    this.dispatchEvent(new Event('progress'));
    await updateDownload(db, 't', () => ({ transport: 'pieces', backgroundFetchId: undefined }));
    return true;
  }
}

let release: Release;
let network: FakeNetwork;
let downloads: Downloads;
let db: Database;
let connection: EventTarget & { type?: string };
let fetches: Map<string, FakeFetch>;
let registration: ServiceWorkerRegistration;

beforeEach(async () => {
  stubPage('https://example.org/library');
  connection = new EventTarget();
  connection.type = 'wifi';
  vi.stubGlobal('navigator', { ...navigator, connection, serviceWorker: {} });
  release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  network = stubNetwork(release);
  db = new Database();
  fetches = new Map();
  const backgroundFetch = {
    getIds: async () => [...fetches.keys()],
    get: async (id: string) => fetches.get(id),
    fetch: async (id: string) => fetches.set(id, new FakeFetch()),
  };
  registration = { active: {}, backgroundFetch } as unknown as ServiceWorkerRegistration;
  downloads = createDownloads({
    serviceWorker: registration,
    policy: { metered: 'wait' },
  });
  await downloads.ready;
});

afterEach(async () => {
  await putAway(downloads);
  await db.close();
  vi.unstubAllGlobals();
});

function changeNetwork(type: string): void {
  connection.type = type;
  connection.dispatchEvent(new Event('change'));
}

test('a Background Fetch does not go on over mobile data, and pieces go on when Wi-Fi is back', async () => {
  expect(await downloads.start('t')).toMatchObject({ state: 'downloading', transport: 'background-fetch' });
  changeNetwork('cellular');
  const waiting = { state: 'paused', pauseReason: 'metered', transport: 'pieces' };
  await vi.waitFor(async () => expect(await downloads.get('t')).toMatchObject(waiting), 5_000);
  expect([...fetches.values()].map(({ result }) => result)).toEqual(['failure']);
  const asked = () => network.asked.filter((path) => path.startsWith('/blobs/'));
  expect(asked()).toEqual([]);
  changeNetwork('wifi');
  await vi.waitFor(async () => expect(await downloads.get('t')).toMatchObject({ state: 'complete' }), 5_000);
  expect(asked()).toHaveLength(2);
});

test('an estimate with hours is one for pieces', async () => {
  const { roomNeeded } = await downloads.estimate('t');
  const nightly = createDownloads({ serviceWorker: registration, policy: { hours: { from: 0, to: 24 } } });
  await nightly.ready;
  const { roomNeeded: byPieces, bytesToFetch } = await nightly.estimate('t');
  nightly.close();
  expect(byPieces).toBeLessThan(roomNeeded);
  expect(byPieces).toBeLessThan(2 * bytesToFetch);
});

test('a wrong byte is found by the first page of a day, and comes again', async () => {
  const pieces = createDownloads({ serviceWorker: false, transport: 'pieces' });
  await pieces.start('t');
  const complete = async () => expect(await pieces.get('t')).toMatchObject({ state: 'complete' });
  await vi.waitFor(complete, 5_000);
  pieces.close();
  const wrong = release.pieces.get(release.hex('a.mp4'))?.[1]?.sha256 ?? '';
  await db.transact('spoil', 'pieces', 'readwrite', async (transaction) => {
    transaction.objectStore('pieces').put(new Blob([new Uint8Array(1000)]), wrong);
  });
  network.asked.length = 0;
  const next = createDownloads({ serviceWorker: false });
  await next.ready;
  await vi.waitFor(async () => expect(network.asked).toHaveLength(1), 5_000);
  expect(network.asked[0]).toMatch(/\/pieces\/1$/);
  await vi.waitFor(complete, 5_000);
  next.close();
});

/** What is taken out of a Background Fetch, whatever its outcome was said to be. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BackgroundFetchRecord } from '../src/protocol/background-fetch.ts';
import { loadDownload } from '../src/storage/downloads.ts';
import { driveDownload } from '../src/transport/drive.ts';
import { salvageFinished, salvageRecords } from '../src/transport/salvage.ts';
import {
  broken,
  type createEnvironment,
  type FakeNetwork,
  prepareRelease,
  register,
} from './support/context.ts';
import type { Release } from './support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;

beforeEach(async () => {
  ({ environment, release, network } = await prepareRelease({ 'a.mp4': 3500, 'b.m4a': 800 }));
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

test('records of a fetch that was begun under older signatures are taken all the same', async () => {
  const old = records().map(({ request, responseReady }) => ({
    request: new Request(`${request.url}?signature=old`),
    responseReady,
  }));
  expect(await salvage(old)).toBe(true);
  expect(network.asked).toEqual([]);
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

describe('while the fetch runs', () => {
  const drive = () => driveDownload(environment, 't', new AbortController().signal);
  const fetching = () =>
    register(environment, release, { state: 'downloading', transport: 'background-fetch' });

  test('what a page is storing of it, a driver that comes meanwhile does not ask for', async () => {
    const record = await fetching();
    const half = heldBack(release.files.get('a.mp4') ?? new Uint8Array(), 1500);
    const kept = salvageFinished(environment, record, records({ 'a.mp4': new Response(half.body) }));
    await half.begun;
    const driven = drive();
    // A driver that does not wait has fetched everything by the time that it is over.
    await Promise.race([driven, vi.waitFor(async () => expect(await waitingFor('stowaway-keep:t')).toBe(1))]);
    half.release();
    await Promise.all([kept, driven]);
    expect(network.asked).toEqual([]);
    expect(await loadDownload(environment.db, 't')).toMatchObject({ state: 'complete' });
  });

  test('what a driver is fetching, a page leaves to it', async () => {
    const record = await fetching();
    const asked = gate();
    const answer = gate();
    network.fault('pieces.json', async (body) => {
      asked.open();
      await answer.opened;
      return new Response(body);
    });
    const driven = drive();
    await asked.opened;
    await salvageFinished(environment, record, records());
    expect((await loadDownload(environment.db, 't'))?.bytesStored).toBe(0);
    answer.open();
    await driven;
    expect(await loadDownload(environment.db, 't')).toMatchObject({ state: 'complete' });
  });
});

async function waitingFor(name: string): Promise<number> {
  return ((await navigator.locks.query()).pending ?? []).filter((lock) => lock.name === name).length;
}

/** A body that gives its first bytes and keeps the rest until it is told. */
function heldBack(bytes: Uint8Array<ArrayBuffer>, first: number) {
  const begun = gate();
  const told = gate();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (sent > 0) {
          begun.open();
          await told.opened;
          controller.enqueue(bytes.slice(first));
          controller.close();
        } else controller.enqueue(bytes.slice(0, first));
        sent += 1;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, begun: begun.opened, release: told.open };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

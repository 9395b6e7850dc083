/** The pieces transport against a network with faults: ends complete, asks for nothing twice, never gets stuck. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { QuotaError } from '../src/errors/quota-error.ts';
import { loadDownload } from '../src/storage/downloads.ts';
import { deletePieces, loadStored } from '../src/storage/pieces.ts';
import type { DownloadRecord } from '../src/storage/schema.ts';
import { removeDownload } from '../src/storage/sweep.ts';
import { driveDownload } from '../src/transport/drive.ts';
import { finish } from '../src/transport/finish.ts';
import { waitForRetry } from '../src/transport/wait.ts';
import {
  broken,
  createEnvironment,
  type FakeNetwork,
  register,
  stubContext,
  stubNetwork,
} from './support/context.ts';
import { publish, type Release } from './support/release.ts';

vi.mock('../src/transport/wait.ts', () => ({ waitForRetry: vi.fn(async () => undefined) }));

const FILES = { 'a.mp4': 3500, 'b.m4a': 800, 'c.vtt': 0 };

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;

beforeEach(async () => {
  stubContext();
  vi.mocked(waitForRetry).mockClear();
  environment = createEnvironment();
  release = await publish(FILES);
  network = stubNetwork(release);
  await register(environment, release);
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

const drive = (signal = new AbortController().signal) => driveDownload(environment, 't', signal);
const load = () => loadDownload(environment.db, 't');
const waits = () => vi.mocked(waitForRetry).mock.calls.map(([delayMs]) => delayMs);

test('fetches the index and each piece once, and ends complete with the exact total', async () => {
  await drive();
  const record = await load();
  expect(record).toMatchObject({ state: 'complete', bytesStored: record?.bytesTotal });
  expect(network.asked[0]).toBe(release.manifest.download.pieces.href);
  expect(network.asked.slice(1).sort()).toEqual(
    [`/blobs/${release.hex('a.mp4')}/pieces/0-3`, `/blobs/${release.hex('b.m4a')}/pieces/0`].sort(),
  );
  expect(environment.heard.at(-1)).toMatchObject({ type: 'changed', download: { state: 'complete' } });
});

test('tells progress that only grows and ends at the total', async () => {
  await drive();
  const told = environment.heard.flatMap((message) =>
    message.type === 'changed' ? [message.download.bytesStored] : [],
  );
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe((await load())?.bytesTotal);
});

test('a second run has nothing to ask for', async () => {
  await drive();
  network.asked.length = 0;
  await register(environment, release);
  await drive();
  expect(network.asked).toEqual([]);
  expect(await load()).toMatchObject({ state: 'complete' });
});

test.each([1, 2, 3])(
  'never has more than %i requests open, and that many where there are enough',
  async (most) => {
    environment.concurrency = most;
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.mp4`, 900]));
    const large = await publish(many, { release: 2 });
    network = stubNetwork(large);
    await register(environment, large);
    const answer = globalThis.fetch;
    let open = 0;
    let mostOpen = 0;
    const held: (() => void)[] = [];
    vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      const response = await answer(...request);
      const body = await response.arrayBuffer();
      if (String(request[0]).includes('/pieces/')) await new Promise<void>((resolve) => held.push(resolve));
      open -= 1;
      return new Response(body, response);
    });
    const driven = drive();
    for (let answered = 0; answered < 8; answered += 1) {
      // As many as are allowed wait for an answer, or as many as are left; then one of them gets it.
      await vi.waitFor(() => expect(held).toHaveLength(Math.min(most, 8 - answered)));
      held.shift()?.();
    }
    await driven;
    expect(mostOpen).toBe(most);
    expect(await load()).toMatchObject({ state: 'complete' });
  },
);

/** While the small asset is on its way, the browser takes away a piece that was stored before. */
function evictMeanwhile(): void {
  network.fault(`${release.hex('b.m4a')}/pieces/0`, async (body) => {
    const [piece] = release.pieces.get(release.hex('a.mp4')) ?? [];
    if (piece) await deletePieces(environment.db, [piece]);
    return new Response(body);
  });
}

test('a piece that is taken away while others are fetched is fetched again before the end', async () => {
  environment.concurrency = 1;
  evictMeanwhile();
  await drive();
  expect(await load()).toMatchObject({ state: 'complete' });
  expect(network.asked.at(-1)).toBe(`/blobs/${release.hex('a.mp4')}/pieces/0`);
  expect((await loadStored(environment.db, release.pieces.get(release.hex('a.mp4')) ?? [])).size).toBe(4);
});

test('storage that loses again and again what was stored is said to, and not fed for ever', async () => {
  environment.concurrency = 1;
  const lose = async (body: Uint8Array<ArrayBuffer>) => {
    await deletePieces(environment.db, release.pieces.get(release.hex('b.m4a')) ?? []);
    network.fault('/pieces/0', loseOther);
    return new Response(body);
  };
  const loseOther = async (body: Uint8Array<ArrayBuffer>) => {
    await deletePieces(environment.db, release.pieces.get(release.hex('a.mp4')) ?? []);
    network.fault('/pieces/0', lose);
    return new Response(body);
  };
  network.fault(`${release.hex('b.m4a')}/pieces/0`, loseOther);
  await expect(drive()).rejects.toMatchObject({ code: 'storage' });
  expect(await load()).toMatchObject({ state: 'failed', error: { code: 'storage' } });
});

test('a damaged piece is fetched again by itself, and what was right is not', async () => {
  network.fault('/pieces/0-3', (body) => {
    const wrong = body.slice();
    wrong[1500] = (wrong[1500] ?? 0) ^ 1;
    return new Response(wrong);
  });
  await drive();
  expect(await load()).toMatchObject({ state: 'complete' });
  expect(network.asked.at(-1)).toBe(`/blobs/${release.hex('a.mp4')}/pieces/1`);
});

test('a cut connection costs the pieces that had not arrived whole', async () => {
  network.fault('/pieces/0-3', (body) => new Response(broken(body.slice(0, 2900))));
  await drive();
  expect(await load()).toMatchObject({ state: 'complete' });
  expect(network.asked.slice(-2)).toEqual([
    `/blobs/${release.hex('a.mp4')}/pieces/2`,
    `/blobs/${release.hex('a.mp4')}/pieces/3`,
  ]);
});

test('Retry-After is honoured', async () => {
  network.fault('/pieces/', () => new Response('', { status: 503, headers: { 'Retry-After': '7' } }));
  await drive();
  expect(waits()).toEqual([7000]);
  expect(await load()).toMatchObject({ state: 'complete' });
});

test('one asset that is missing does not keep the others from being stored, and is named in the end', async () => {
  for (let i = 0; i < 3; i += 1)
    network.fault(`${release.hex('b.m4a')}/pieces/`, () => new Response('', { status: 404 }));
  await drive();
  expect(await load()).toMatchObject({ state: 'failed', error: { code: 'not-found' } });
  const record = await load();
  expect(record?.bytesStored).toBe((record?.bytesTotal ?? 0) - 800);
});

test('a refusal fails at once and keeps what is stored', async () => {
  network.fault(release.hex('b.m4a'), () => new Response('', { status: 403 }));
  await drive();
  expect(await load()).toMatchObject({ state: 'failed', error: { code: 'forbidden' } });
  expect(waits()).toEqual([]);
});

test('a network that is away is waited for, and shown only when trying again brought nothing', async () => {
  network.down = true;
  let tries = 0;
  vi.mocked(waitForRetry).mockImplementation(async () => {
    tries += 1;
    expect((await load())?.state).toBe(tries === 1 ? 'downloading' : 'paused');
    if (tries === 20) network.down = false;
  });
  await drive();
  vi.mocked(waitForRetry).mockImplementation(async () => undefined);
  expect(tries).toBe(20);
  expect(await load()).toMatchObject({ state: 'complete', pauseReason: undefined });
  const states = environment.heard.flatMap((message) =>
    message.type === 'changed' ? [message.download.state] : [],
  );
  expect(new Set(states)).toEqual(new Set(['downloading', 'paused', 'complete']));
});

test('attempts are counted from the last progress', async () => {
  for (let i = 0; i < 9; i += 1) network.fault('/pieces/0-3', () => new Response('', { status: 500 }));
  network.fault('/pieces/0-3', (body) => new Response(broken(body.slice(0, 1100))));
  for (let i = 0; i < 9; i += 1) network.fault('/pieces/1', () => new Response('', { status: 500 }));
  await drive();
  expect(await load()).toMatchObject({ state: 'complete' });
});

test('a piece index that keeps arriving wrong fails as damaged', async () => {
  for (let i = 0; i < 4; i += 1) network.fault('pieces.json', () => new Response('{}'));
  await drive();
  expect(await load()).toMatchObject({ state: 'failed', error: { code: 'damaged' } });
});

test('a stop leaves what is stored, and the next driver goes on from there', async () => {
  const stop = new AbortController();
  network.fault(release.hex('b.m4a'), (body) => {
    stop.abort();
    return new Response(body);
  });
  await drive(stop.signal);
  expect((await load())?.state).toBe('downloading');
  network.asked.length = 0;
  await drive();
  expect(await load()).toMatchObject({ state: 'complete' });
  expect(network.asked).not.toContain(release.manifest.download.pieces.href);
});

test('a download that is removed while it runs leaves nothing behind and no error', async () => {
  network.fault('/pieces/0-3', async (body) => {
    await removeDownload(environment.db, 't');
    return new Response(body);
  });
  await drive();
  expect(await load()).toBeUndefined();
});

test('two drivers take turns, and the second finds nothing to do', async () => {
  await Promise.all([drive(), drive()]);
  expect(network.asked.length).toBe(3);
});

test("a person's pause is respected by a driver that comes later", async () => {
  await register(environment, release, { state: 'paused', pauseReason: 'user' });
  await drive();
  expect(network.asked).toEqual([]);
});

test('a changed release costs the changed pieces only', async () => {
  await drive();
  const changed = await publish(FILES, { release: 2, altered: { 'a.mp4': 1500 } });
  network = stubNetwork(changed);
  await register(environment, changed);
  await drive();
  expect(await load()).toMatchObject({ state: 'complete', release: 2 });
  expect(network.asked).toEqual([
    changed.manifest.download.pieces.href,
    `/blobs/${changed.hex('a.mp4')}/pieces/1`,
  ]);
});

test('a release that takes the place of the one that is being finished is not complete with it', async () => {
  const changed = await publish(FILES, { release: 2, altered: { 'a.mp4': 1500 } });
  const old = await load();
  await drive();
  await register(environment, changed, { state: 'downloading' });
  await finish(environment, old as DownloadRecord);
  expect(await load()).toMatchObject({ state: 'downloading', release: 2 });
});

test('storage that the browser cleared in the middle is told to everybody', async () => {
  network.fault('/pieces/0-3', async (body) => {
    await removeDownload(environment.db, 't');
    return new Response(body);
  });
  await drive();
  expect(environment.heard.at(-1)).toEqual({ type: 'removed', id: 't', tag: 't' });
});

test('piece lists that are gone are fetched again instead of leaving the download as it is', async () => {
  network.fault('/pieces/0-3', async (body) => {
    await environment.db.transact('clear', 'blobs', 'readwrite', async (transaction) => {
      transaction.objectStore('blobs').clear();
    });
    return new Response(body);
  });
  await drive();
  expect(await load()).toMatchObject({ state: 'complete' });
});

test('a disk so full that not even the failure can be written is told of all the same', async () => {
  const { transact } = environment.db;
  vi.spyOn(environment.db, 'transact').mockImplementation((operation, stores, mode, body) =>
    mode === 'readonly'
      ? transact.call(environment.db, operation, stores, mode, body as never)
      : Promise.reject(new QuotaError()),
  );
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await drive().catch((error) => expect(error).toBeInstanceOf(QuotaError));
  expect(environment.heard.at(-1)).toMatchObject({
    type: 'changed',
    download: { state: 'failed', error: { code: 'quota-exceeded' } },
  });
});

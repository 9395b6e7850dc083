/** What the worker answers from storage, header by header. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { QuotaError } from '../src/errors/quota-error.ts';
import { StorageError } from '../src/errors/storage-error.ts';
import { putAnswer } from '../src/storage/addresses.ts';
import { updateDownload } from '../src/storage/downloads.ts';
import { removeDownload } from '../src/storage/sweep.ts';
import { answerBlob } from '../src/sw/answer-blob.ts';
import { answerCatalogue, answerManifest } from '../src/sw/answer-document.ts';
import { onFetch } from '../src/sw/fetch.ts';
import { networkFirst } from '../src/sw/network-first.ts';
import type { WorkerEnvironment } from '../src/sw/options.ts';
import { driveDownload } from '../src/transport/drive.ts';
import {
  broken,
  type createEnvironment,
  type FakeNetwork,
  prepareRelease,
  register,
  stubNetwork,
} from './support/context.ts';
import { publish, type Release, sha256, signed } from './support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;

beforeEach(async () => {
  ({ environment, release, network } = await prepareRelease({ 'a.mp4': 3500, 'e.vtt': 0, 'x.svg': 40 }));
  await register(environment, release);
  await driveDownload(environment, 't', new AbortController().signal);
  network.down = true;
  network.asked.length = 0;
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

const ask = (name: string, headers: Record<string, string> = {}, method = 'GET') =>
  answerBlob(environment, new Request(release.url(name), { headers, method }));

async function bytesOf(response: Response) {
  return new Uint8Array(await response.arrayBuffer());
}

describe('an asset', () => {
  test('without Range is answered whole, with everything a player looks at', async () => {
    const response = await ask('a.mp4');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': '3500',
      'content-type': 'video/mp4',
      etag: `"sha256:${release.hex('a.mp4')}"`,
      'x-content-type-options': 'nosniff',
    });
    expect(sha256(await bytesOf(response))).toBe(release.hex('a.mp4'));
  });

  test.each([
    ['bytes=0-1', 0, 1],
    ['bytes=0-', 0, 3499],
    ['bytes=999-1000', 999, 1000],
    ['bytes=500-2750', 500, 2750],
    ['bytes=3000-99999', 3000, 3499],
    ['bytes=-700', 2800, 3499],
    ['bytes=-99999', 0, 3499],
  ])('for %s answers exactly these bytes', async (range, first, last) => {
    const response = await ask('a.mp4', { Range: range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${first}-${last}/3500`);
    expect(response.headers.get('content-length')).toBe(String(last - first + 1));
    expect(await bytesOf(response)).toEqual(release.files.get('a.mp4')?.slice(first, last + 1));
  });

  test('is handed to a player in steps, which together are all of it, and to a script at once', async () => {
    release = await publish({ 'long.mp4': 20_500 });
    network = stubNetwork(release);
    await register(environment, release);
    await driveDownload(environment, 't', new AbortController().signal);
    network.down = true;
    const play = async (from: number) => {
      const request = new Request(release.url('long.mp4'), { headers: { Range: `bytes=${from}-` } });
      return answerBlob(environment, Object.defineProperty(request, 'destination', { value: 'video' }));
    };
    const step = await play(500);
    expect(step.headers.get('content-range')).toBe('bytes 500-15999/20500');
    expect(step.headers.get('content-length')).toBe('15500');
    expect(await bytesOf(step)).toEqual(release.files.get('long.mp4')?.slice(500, 16_000));
    expect((await play(16_000)).headers.get('content-range')).toBe('bytes 16000-20499/20500');
    expect((await ask('long.mp4', { Range: 'bytes=500-' })).headers.get('content-range')).toBe(
      'bytes 500-20499/20500',
    );
  });

  test('beyond its end says how long it is', async () => {
    const response = await ask('a.mp4', { Range: 'bytes=3500-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */3500']);
  });

  test('for several ranges is answered whole', async () => {
    expect((await ask('a.mp4', { Range: 'bytes=0-1,5-6' })).status).toBe(200);
  });

  test('honours If-Range by its exact validators only', async () => {
    const etag = `"sha256:${release.hex('a.mp4')}"`;
    const status = async (ifRange: string) =>
      (await ask('a.mp4', { Range: 'bytes=0-1', 'If-Range': ifRange })).status;
    expect(await status(etag)).toBe(206);
    expect(await status('"other"')).toBe(200);
    const modified = (await ask('a.mp4')).headers.get('last-modified') ?? '';
    expect(await status(modified)).toBe(206);
  });

  test('for HEAD says the same without a body, and ignores Range', async () => {
    const response = await ask('a.mp4', { Range: 'bytes=0-1' }, 'HEAD');
    expect([response.status, response.headers.get('content-length'), response.body]).toEqual([
      200,
      '3500',
      null,
    ]);
  });

  test('that is known to the asker is not sent again', async () => {
    expect((await ask('a.mp4', { 'If-None-Match': '*' })).status).toBe(304);
  });

  test('that is empty is an empty 200', async () => {
    const response = await ask('e.vtt');
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '0']);
    expect((await ask('e.vtt', { Range: 'bytes=0-' })).status).toBe(416);
  });

  test('that a browser would run gets no rights', async () => {
    expect((await ask('x.svg')).headers.get('content-security-policy')).toBe('sandbox');
    expect((await ask('a.mp4')).headers.get('content-security-policy')).toBeNull();
  });

  test('is found whatever its query is', async () => {
    const request = new Request(`${release.url('a.mp4')}?signature=1`, { headers: { Range: 'bytes=0-0' } });
    expect((await answerBlob(environment, request)).status).toBe(206);
  });

  test('that is not stored goes to the network', async () => {
    await removeDownload(environment.db, 't');
    network.down = false;
    expect((await ask('a.mp4')).headers.get('etag')).toBeNull();
    expect(network.asked).toHaveLength(1);
  });

  test('goes to the network when storage fails', async () => {
    network.down = false;
    vi.spyOn(environment.db, 'transact').mockRejectedValueOnce(
      new (await import('../src/errors/storage-error.ts')).StorageError('read'),
    );
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect((await ask('a.mp4')).status).toBe(200);
    expect(network.asked).toHaveLength(1);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

describe('an asset of which pieces are missing', () => {
  const text = (name: string, first: number, last: number) => release.files.get(name)?.slice(first, last + 1);
  const partsAsked = () => network.asked.map((path) => path.split('/').at(-1));

  beforeEach(async () => {
    network.down = false;
    await forget(1, 2);
  });

  /** As an interrupted download leaves them. */
  async function forget(...indexes: number[]) {
    const list = release.pieces.get(release.hex('a.mp4')) ?? [];
    await environment.db.transact('forget', 'pieces', 'readwrite', async (transaction) => {
      for (const index of indexes) transaction.objectStore('pieces').delete(list[index]?.sha256 ?? '');
    });
  }

  test('is answered as far as it is stored, without a request', async () => {
    const response = await ask('a.mp4', { Range: 'bytes=10-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, 'bytes 10-999/3500']);
    expect(await bytesOf(response)).toEqual(text('a.mp4', 10, 999));
    expect(network.asked).toEqual([]);
  });

  test('brings the piece that is needed, whole, and keeps it', async () => {
    const response = await ask('a.mp4', { Range: 'bytes=1500-' });
    expect(response.headers.get('content-range')).toBe('bytes 1500-1999/3500');
    expect(await bytesOf(response)).toEqual(text('a.mp4', 1500, 1999));
    expect(partsAsked()).toEqual(['1']);
    network.down = true;
    const again = await ask('a.mp4', { Range: 'bytes=1500-' });
    expect(await bytesOf(again)).toEqual(text('a.mp4', 1500, 1999));
  });

  test('is played out of storage once it is there, and not out of a second copy in memory', async () => {
    let copies = 0;
    const counting = new Proxy(Blob, {
      construct(target, [parts, options]: [BlobPart[], BlobPropertyBag?]) {
        if (parts?.some((part) => part instanceof Uint8Array)) copies += 1;
        return new target(parts, options);
      },
    });
    vi.stubGlobal('Blob', counting);
    const response = await ask('a.mp4', { Range: 'bytes=1500-' });
    expect(await bytesOf(response)).toEqual(text('a.mp4', 1500, 1999));
    expect(copies).toBe(1);
  });

  test('goes on with what is stored behind the gap', async () => {
    const response = await ask('a.mp4', { Range: 'bytes=2500-' });
    expect(response.headers.get('content-range')).toBe('bytes 2500-3499/3500');
    expect(partsAsked()).toEqual(['2']);
  });

  test('without Range is waited for when it is small, and then plays without the network', async () => {
    const response = await ask('a.mp4');
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '3500']);
    expect(sha256(await bytesOf(response))).toBe(release.hex('a.mp4'));
    expect(partsAsked()).toEqual(['1', '2']);
    network.down = true;
    expect(sha256(await bytesOf(await ask('a.mp4')))).toBe(release.hex('a.mp4'));
  });

  test('a player that reads to the end by itself gets every byte, each fetched once', async () => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < 3500; ) {
      const bytes = await bytesOf(await ask('a.mp4', { Range: `bytes=${at}-` }));
      parts.push(bytes);
      at += bytes.length;
    }
    expect(sha256(new Uint8Array(await new Blob(parts).arrayBuffer()))).toBe(release.hex('a.mp4'));
    expect(partsAsked()).toEqual(['1', '2']);
  });

  test('WebKit gets all that it asked for, by and by', async () => {
    vi.stubGlobal('navigator', {
      ...navigator,
      userAgent: 'Mozilla/5.0 AppleWebKit/605.1.15 Safari/605.1.15',
    });
    const response = await ask('a.mp4', { Range: 'bytes=500-' });
    expect(response.headers.get('content-range')).toBe('bytes 500-3499/3500');
    expect(await bytesOf(response)).toEqual(text('a.mp4', 500, 3499));
  });

  test('that arrives damaged twice is not played', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (let i = 0; i < 2; i += 1)
      network.fault('/pieces/1', (body) => new Response(body.map((byte) => byte ^ 1)));
    expect((await ask('a.mp4', { Range: 'bytes=1500-' })).type).toBe('error');
    warn.mockRestore();
  });

  test('plays on when there is no room to keep it', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const transact = environment.db.transact.bind(environment.db);
    vi.spyOn(environment.db, 'transact').mockImplementation((operation, ...rest) =>
      operation === 'store a piece' ? Promise.reject(new QuotaError()) : transact(operation, ...rest),
    );
    const response = await ask('a.mp4', { Range: 'bytes=1500-' });
    expect(await bytesOf(response)).toEqual(text('a.mp4', 1500, 1999));
    expect(info).toHaveBeenCalledOnce();
    info.mockRestore();
  });

  test('plays on when it cannot be read back', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const transact = environment.db.transact.bind(environment.db);
    let isStored = false;
    vi.spyOn(environment.db, 'transact').mockImplementation((operation, ...rest) => {
      if (operation === 'store a piece') isStored = true;
      return operation === 'read pieces' && isStored
        ? Promise.reject(new StorageError(operation))
        : transact(operation, ...rest);
    });
    const response = await ask('a.mp4', { Range: 'bytes=1500-1999' });
    expect(await bytesOf(response)).toEqual(text('a.mp4', 1500, 1999));
    expect(info).toHaveBeenCalledOnce();
    info.mockRestore();
  });

  test('comes on a connection that is not cut at its last byte', async () => {
    const cancel = vi.fn();
    network.fault('/pieces/1', (body) => {
      let sent = false;
      const pull = (controller: ReadableStreamDefaultController) => {
        if (sent) controller.close();
        else controller.enqueue(body);
        sent = true;
      };
      return new Response(new ReadableStream({ pull, cancel }, { highWaterMark: 0 }));
    });
    const response = await ask('a.mp4', { Range: 'bytes=1500-1999' });
    expect(await bytesOf(response)).toEqual(text('a.mp4', 1500, 1999));
    expect(cancel).not.toHaveBeenCalled();
  });

  test('is played whole, though its connection breaks behind its last byte', async () => {
    network.fault('/pieces/1', (body) => new Response(broken(body)));
    const response = await ask('a.mp4', { Range: 'bytes=1500-1999' });
    expect(await bytesOf(response)).toEqual(text('a.mp4', 1500, 1999));
    expect(partsAsked()).toEqual(['1']);
  });

  test.each([
    ['breaks off', (body: Uint8Array<ArrayBuffer>) => new Response(broken(body.slice(0, 700)))],
    ['is refused by a server in trouble', () => new Response(null, { status: 500 })],
  ])(
    'that %s is asked for once more, verified and kept, before the network’s own answer is played',
    async (_, answer) => {
      network.fault('/pieces/1', answer);
      const response = await ask('a.mp4', { Range: 'bytes=1500-' });
      expect(await bytesOf(response)).toEqual(text('a.mp4', 1500, 1999));
      expect(partsAsked()).toEqual(['1', '1']);
      network.down = true;
      expect((await ask('a.mp4', { Range: 'bytes=1500-' })).status).toBe(206);
    },
  );

  test('that breaks off under a signed address is asked for there once more, and no manifest for another', async () => {
    await updateDownload(environment.db, 't', () => ({ manifest: signed(release, 'good') }));
    network.fault('/pieces/1', (body) => new Response(broken(body.slice(0, 700))));
    const url = `${release.url('a.mp4')}?signature=good`;
    const response = await answerBlob(environment, new Request(url, { headers: { Range: 'bytes=1500-' } }));
    expect(await bytesOf(response)).toEqual(text('a.mp4', 1500, 1999));
    expect(partsAsked()).toEqual(['1', '1']);
  });

  test.each([
    ['in a while only', 503, { 'Retry-After': '60' }],
    ['never', 400, {}],
  ])('that the server wants to be asked for again %s is left to the network', async (_, status, headers) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    network.fault('/pieces/1', () => new Response(null, { status, headers }));
    await ask('a.mp4', { Range: 'bytes=1500-' });
    expect(partsAsked()).toEqual(['1', 'a.mp4']);
    warn.mockRestore();
  });

  test('is not asked for by a download that goes on, once it was played', async () => {
    await ask('a.mp4', { Range: 'bytes=1500-' });
    network.asked.length = 0;
    await updateDownload(environment.db, 't', () => ({ state: 'downloading' }));
    await driveDownload(environment, 't', new AbortController().signal);
    expect(partsAsked()).toEqual(['2']);
  });
});

describe('a manifest', () => {
  const request = () => new Request(release.manifestUrl);

  test('is the stored one, byte for byte, when the network is away', async () => {
    const response = await answerManifest(environment, request(), 't', undefined);
    const text = await response.text();
    expect(text).toBe(new TextDecoder().decode(release.answers.get('/tags/t/manifest.json')));
    expect(response.headers.get('etag')).toBe(`"sha256:${sha256(text)}"`);
    expect(response.headers.get('content-type')).toBe('application/webpub+json');
  });

  test('is the network’s while there is one', async () => {
    network.down = false;
    network.fault('manifest.json', () => new Response('fresh'));
    expect(await (await answerManifest(environment, request(), 't', undefined)).text()).toBe('fresh');
  });

  test('is the stored one when the server is in trouble, and not when it is gone', async () => {
    network.down = false;
    network.fault('manifest.json', () => new Response('', { status: 502 }));
    expect((await answerManifest(environment, request(), 't', undefined)).status).toBe(200);
    network.fault('manifest.json', () => new Response('', { status: 404 }));
    expect((await answerManifest(environment, request(), 't', undefined)).status).toBe(404);
  });

  test('of another release or another server is not answered with this one', async () => {
    await expect(answerManifest(environment, request(), 't', 2)).rejects.toThrow('Failed to fetch');
    await updateDownload(environment.db, 't', () => ({
      manifestUrl: 'https://example.com/tags/t/manifest.json',
    }));
    await expect(answerManifest(environment, request(), 't', undefined)).rejects.toThrow('Failed to fetch');
  });
});

describe('the catalogue', () => {
  const url = 'https://example.org/tags?limit=50';

  function event() {
    const waits: Promise<unknown>[] = [];
    return {
      waits,
      request: new Request(url),
      waitUntil: (promise: Promise<unknown>) => waits.push(promise),
    };
  }

  test('is kept when it is answered, and answered from there when the network is away', async () => {
    network.down = false;
    network.fault('/tags', () => {
      const response = new Response('{"publications":[]}', {
        headers: { 'Content-Type': 'application/opds+json' },
      });
      Object.defineProperty(response, 'url', { value: url });
      return response;
    });
    const online = event();
    await answerCatalogue(environment, online as unknown as FetchEvent);
    await Promise.all(online.waits);
    network.down = true;
    const offline = event();
    const response = await answerCatalogue(environment, offline as unknown as FetchEvent);
    expect(await response.text()).toBe('{"publications":[]}');
    expect(response.headers.get('content-type')).toBe('application/opds+json');
    expect(offline.waits).toHaveLength(0);
  });

  test('of another page is another one', async () => {
    await putAnswer(environment.db, { url: 'https://example.org/tags', body: '', type: '', storedAt: 0 });
    await expect(answerCatalogue(environment, event() as unknown as FetchEvent)).rejects.toThrow(
      'Failed to fetch',
    );
  });
});

test('a network that takes too long is not waited for when something is stored', async () => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
  const response = await networkFirst(
    new Request('https://example.org/'),
    async () => new Response('stored'),
    5,
  );
  expect(await response.text()).toBe('stored');
});

test('storage that fails does not take the network with it', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  vi.stubGlobal('fetch', async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response('late');
  });
  const response = await networkFirst(
    new Request('https://example.org/'),
    () => Promise.reject(new Error('storage')),
    5,
  );
  expect(await response.text()).toBe('late');
  expect(warn).toHaveBeenCalledOnce();
});

describe('requests that are none of the worker’s business', () => {
  test.each([
    ['GET', 'https://example.org/', undefined],
    ['GET', 'https://example.org/about/tags', undefined],
    ['GET', `https://example.org/blobs/${'ab'.repeat(32)}/pieces.json`, undefined],
    ['GET', `https://example.org/blobs/${'ab'.repeat(32)}/pieces/0-3`, undefined],
    ['POST', `https://example.org/blobs/${'ab'.repeat(32)}/a.mp4`, undefined],
    ['GET', 'https://example.com/tags', undefined],
    ['GET', 'https://example.org/tags', 'navigate'],
    ['GET', 'https://example.org/tags/t/media/a.mp4', undefined],
  ])('%s %s is left alone', (method, url, mode) => {
    const respondWith = vi.fn();
    const worker = {
      ...environment,
      server: new URL('https://example.org/'),
    } as unknown as WorkerEnvironment;
    onFetch(worker, { request: { method, url, mode: mode ?? 'cors' }, respondWith } as unknown as FetchEvent);
    expect(respondWith).not.toHaveBeenCalled();
  });

  test('and those that are, are answered', () => {
    const respondWith = vi.fn((answer: Promise<Response>) => answer.catch(() => undefined));
    const worker = {
      ...environment,
      server: new URL('https://example.org/'),
    } as unknown as WorkerEnvironment;
    for (const url of [release.url('a.mp4'), release.manifestUrl, 'https://example.org/tags?after=b']) {
      onFetch(worker, { request: new Request(url), respondWith } as unknown as FetchEvent);
    }
    expect(respondWith).toHaveBeenCalledTimes(3);
  });
});

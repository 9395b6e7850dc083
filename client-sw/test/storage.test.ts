/** The ledger, the piece store, and what a removal deletes. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RemovedError } from '../src/errors/removed-error.ts';
import { StorageError } from '../src/errors/storage-error.ts';
import { draftDownload } from '../src/page/draft.ts';
import { loadAddress, loadAnswer, putAnswer } from '../src/storage/addresses.ts';
import { Database, result } from '../src/storage/database.ts';
import {
  applyEvent,
  describe as describeRecord,
  loadByBackgroundFetch,
  loadDownload,
  loadDownloads,
  loadManifestOfTag,
  updateDownload,
} from '../src/storage/downloads.ts';
import { loadPieces, loadStored } from '../src/storage/pieces.ts';
import { putPiece } from '../src/storage/put-pieces.ts';
import { removeDownload, sweepUnneeded } from '../src/storage/sweep.ts';
import { storePieceLists } from '../src/transport/piece-lists.ts';
import { storeBody } from '../src/transport/store-body.ts';
import { createEnvironment, register, stubContext } from './support/context.ts';
import { publish, type Release, sha256 } from './support/release.ts';

const STORES = ['downloads', 'pieces', 'blobs', 'addresses', 'answers'] as const;

let environment: ReturnType<typeof createEnvironment>;

beforeEach(() => {
  stubContext();
  environment = createEnvironment();
});

afterEach(() => environment.db.close());

async function counts(db: Database) {
  return db.transact('count', [...STORES], 'readonly', async (transaction) => {
    const all = await Promise.all(STORES.map((name) => result(transaction.objectStore(name).count())));
    return Object.fromEntries(STORES.map((name, i) => [name, all[i]]));
  });
}

async function storeAll(release: Release, id = 't') {
  const record = await loadDownload(environment.db, id);
  if (!record) throw new Error('registered before');
  await storePieceLists(environment.db, record, new TextEncoder().encode(release.indexText).buffer);
  for (const [name, bytes] of release.files) {
    const pieces = release.pieces.get(release.hex(name)) ?? [];
    const blob = { hex: release.hex(name), size: bytes.length, pieces };
    if (bytes.length > 0)
      await storeBody(environment.db, blob, 0, pieces.length - 1, new Blob([bytes]).stream());
  }
}

describe('the ledger', () => {
  test('keeps a download over a closed connection', async () => {
    await register(environment, await publish({ 'a.mp4': 10 }));
    await environment.db.close();
    expect(await loadDownload(environment.db, 't')).toMatchObject({
      state: 'planned',
      bytesTotal: expect.any(Number),
    });
  });

  test('lists downloads oldest first', async () => {
    const release = await publish({ 'a.mp4': 10 });
    await register(environment, release, { id: 'b', createdAt: 2 });
    await register(environment, release, { id: 'a', createdAt: 3 });
    await register(environment, release, { id: 'c', createdAt: 1 });
    expect((await loadDownloads(environment.db)).map((record) => record.id)).toEqual(['c', 'b', 'a']);
  });

  test('finds a download by its Background Fetch and a release by its tag', async () => {
    const release = await publish({ 'a.mp4': 10 });
    await register(environment, release, { backgroundFetchId: 't@1' });
    await register(environment, release, { id: 't+audio', release: 7 });
    expect((await loadByBackgroundFetch(environment.db, 't@1'))?.id).toBe('t');
    expect(await loadByBackgroundFetch(environment.db, 't@2')).toBeUndefined();
  });

  test('finds the manifest of a tag: of this server, of a release, the newest that is whole', async () => {
    const [first, second] = [await publish({ 'a.mp4': 10 }), await publish({ 'a.mp4': 20 }, { release: 2 })];
    const { manifest, manifestUrl } = first;
    const load = (server?: string, release?: number) =>
      loadManifestOfTag(environment.db, 't', server, release);
    await register(environment, first);
    await register(environment, second, { id: 't+audio' });
    expect((await load())?.download.release).toBe(2);
    expect((await load(undefined, 1))?.download.release).toBe(1);
    expect(await load(undefined, 3)).toBeUndefined();
    expect(await load('https://other.example')).toBeUndefined();

    const elsewhere = manifestUrl.replace('https://example.org', 'https://other.example');
    await register(environment, second, {
      id: 't@https://other.example',
      manifestUrl: elsewhere,
      kept: { manifest, title: 'T', release: 1, hexes: [], bytesTotal: 1 },
    });
    expect((await load('https://other.example'))?.download.release).toBe(1);
    expect((await load('https://other.example', 2))?.download.release).toBe(2);
  });

  test('ids of other servers are moved to ids with the server, and nothing else changes', async () => {
    const release = await publish({ 'a.mp4': 10 });
    const records = [
      draftDownload(release.manifest, release.manifestUrl, 'everything'),
      {
        ...draftDownload(release.manifest, 'https://other.example/m/tags/o/manifest.json', 'everything'),
        tag: 'o',
        id: 'o',
      },
    ];
    const name = 'stowaway-of-version-1';
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        const downloads = request.result.createObjectStore('downloads', { keyPath: 'id' });
        downloads.createIndex('tag', 'tag');
        downloads.createIndex('backgroundFetchId', 'backgroundFetchId');
        for (const record of records) downloads.put(record);
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    });
    const db = new Database(name);
    const moved = 'o@https://other.example/m';
    expect((await loadDownloads(db)).map(({ id }) => id).sort()).toEqual([moved, 't']);
    expect(await loadDownload(db, moved)).toEqual({ ...records[1], id: moved });
    await db.close();
  });

  test('an event that does not fit changes nothing', async () => {
    await register(environment, await publish({ 'a.mp4': 10 }), { state: 'paused', pauseReason: 'user' });
    const outcome = await applyEvent(
      environment.db,
      't',
      { type: 'verify' },
      { transport: 'background-fetch' },
    );
    expect(outcome).toMatchObject({ applied: false, record: { state: 'paused', transport: 'pieces' } });
  });

  test('a failure leaves no trace once it is retried', async () => {
    await register(environment, await publish({ 'a.mp4': 10 }));
    await applyEvent(environment.db, 't', { type: 'fail', error: { code: 'damaged', message: 'x' } });
    await applyEvent(environment.db, 't', { type: 'start' });
    const record = await loadDownload(environment.db, 't');
    expect(record && describeRecord(record)).not.toHaveProperty('error');
  });

  test('a change to a download that is gone says so', async () => {
    expect(await updateDownload(environment.db, 'x', () => ({ bytesStored: 1 }))).toBeUndefined();
    expect(await applyEvent(environment.db, 'x', { type: 'start' })).toBeUndefined();
  });
});

describe('pieces', () => {
  test('are stored once, found, and read back in order', async () => {
    const release = await publish({ 'a.mp4': 2500 });
    await register(environment, release);
    await storeAll(release);
    const pieces = release.pieces.get(release.hex('a.mp4')) ?? [];
    expect((await loadStored(environment.db, pieces)).size).toBe(3);
    const data = (await loadPieces(environment.db, pieces)) as Blob[];
    const bytes = new Uint8Array(await new Blob(data).arrayBuffer());
    expect(sha256(bytes)).toBe(release.hex('a.mp4'));
  });

  test('of a blob that no download needs any longer are refused', async () => {
    await expect(putPiece(environment.db, 'nobody', 'x', new Uint8Array(3))).rejects.toThrow(RemovedError);
    expect(await counts(environment.db)).toMatchObject({ pieces: 0 });
  });
});

describe('removing', () => {
  test('deletes everything of a download that is alone', async () => {
    const release = await publish({ 'a.mp4': 2500, 'b.m4a': 0 });
    await register(environment, release);
    await storeAll(release);
    expect(await counts(environment.db)).toMatchObject({ downloads: 1, pieces: 3, blobs: 2, addresses: 2 });
    expect((await removeDownload(environment.db, 't'))?.id).toBe('t');
    expect(await counts(environment.db)).toEqual({
      downloads: 0,
      pieces: 0,
      blobs: 0,
      addresses: 0,
      answers: 0,
    });
  });

  test('leaves what another download needs', async () => {
    const release = await publish({ 'a.mp4': 2500, 'b.m4a': 1500 });
    await register(environment, release);
    await register(environment, release, { id: 't+audio', hexes: [release.hex('b.m4a')] });
    await storeAll(release);
    await removeDownload(environment.db, 't');
    expect(await counts(environment.db)).toMatchObject({ downloads: 1, pieces: 2, blobs: 1, addresses: 1 });
    expect(await loadAddress(environment.db, release.url('b.m4a'))).toMatchObject({ blob: { size: 1500 } });
    expect(await loadAddress(environment.db, release.url('a.mp4'))).toBeUndefined();
  });

  test('keeps the pieces that a new release shares with the old one, and frees the rest', async () => {
    const old = await publish({ 'a.mp4': 3000 });
    await register(environment, old);
    await storeAll(old);
    const changed = await publish({ 'a.mp4': 3000 }, { release: 2, altered: { 'a.mp4': 1500 } });
    await register(environment, changed);
    await storeAll(changed);
    expect(await counts(environment.db)).toMatchObject({ pieces: 4, blobs: 2 });
    await sweepUnneeded(environment.db);
    expect(await counts(environment.db)).toMatchObject({ downloads: 1, pieces: 3, blobs: 1, addresses: 1 });
  });
});

describe('answers', () => {
  test('are kept by address, and the oldest goes when there are too many', async () => {
    for (let i = 0; i < 40; i += 1) {
      await putAnswer(environment.db, { url: `u${i}`, body: `${i}`, type: 'application/json', storedAt: i });
    }
    expect(await counts(environment.db)).toMatchObject({ answers: 32 });
    expect(await loadAnswer(environment.db, 'u7')).toBeUndefined();
    expect(await loadAnswer(environment.db, 'u39')).toMatchObject({ body: '39' });
  });
});

describe('transactions', () => {
  test('that throw change nothing and say what was tried', async () => {
    const failing = environment.db.transact('try something', 'answers', 'readwrite', async (transaction) => {
      transaction.objectStore('answers').put({ url: 'u', body: '', type: '', storedAt: 0 });
      throw new DOMException('no', 'DataError');
    });
    await expect(failing).rejects.toThrow(StorageError);
    await expect(failing).rejects.toThrow(/try something/);
    expect(await counts(environment.db)).toMatchObject({ answers: 0 });
  });

  test('a full disk is told from other faults', async () => {
    const failing = environment.db.transact('store', 'answers', 'readwrite', async () => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    await expect(failing).rejects.toMatchObject({ code: 'quota-exceeded' });
  });

  test('a connection that the browser closed is opened again', async () => {
    await counts(environment.db);
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw new DOMException('closing', 'InvalidStateError');
    });
    expect(await counts(environment.db)).toMatchObject({ downloads: 0 });
    expect(spy).toHaveBeenCalledTimes(2);
    spy.mockRestore();
  });

  test('one that the browser closed in mid-transaction too, once, and nothing of the first try is left', async () => {
    let runs = 0;
    await environment.db.transact('store', 'answers', 'readwrite', async (transaction) => {
      runs += 1;
      transaction.objectStore('answers').put({ url: `u${runs}`, body: '', type: '', storedAt: 0 });
      if (runs === 1) throw new DOMException('closing', 'InvalidStateError');
    });
    expect(runs).toBe(2);
    expect(await counts(environment.db)).toMatchObject({ answers: 1 });
    const failing = environment.db.transact('store', 'answers', 'readwrite', async () => {
      throw new DOMException('closing', 'InvalidStateError');
    });
    await expect(failing).rejects.toMatchObject({ code: 'storage' });
  });

  test('a browser that refuses Blobs gets ArrayBuffers', async () => {
    const release = await publish({ 'a.mp4': 100 });
    await register(environment, release);
    const put = IDBObjectStore.prototype.put;
    const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      ...args
    ) {
      if (args[0] instanceof Blob) throw new DOMException('no blobs here', 'DataCloneError');
      return put.apply(this, args);
    });
    await storeAll(release);
    spy.mockRestore();
    const [piece] = await loadPieces(environment.db, release.pieces.get(release.hex('a.mp4')) ?? []);
    expect(piece).toBeInstanceOf(ArrayBuffer);
  });
});

/** The back ends of storage, as far as node has them; `e2e/tests/storage.mjs` runs the same cases in browsers. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { QuotaError } from '../src/errors/quota-error.ts';
import { StorageError } from '../src/errors/storage-error.ts';
import type { Piece } from '../src/protocol/manifest.ts';
import { type Backing, blobBacking, bufferBacking, fileBacking } from '../src/storage/backings.ts';
import { loadPieces } from '../src/storage/pieces.ts';
import { putPiece } from '../src/storage/put-pieces.ts';
import { storageCases } from './storage-suite.ts';
import { createEnvironment, stubContext } from './support/context.ts';
import { FakeFolder } from './support/fake-folder.ts';

let environment: ReturnType<typeof createEnvironment>;

beforeEach(() => {
  stubContext();
  const root = new FakeFolder();
  vi.stubGlobal('navigator', { ...navigator, storage: { getDirectory: async () => root } });
  environment = createEnvironment();
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

for (const backing of [blobBacking, bufferBacking, fileBacking]) {
  test.each(Object.entries(storageCases))(`${backing.name}: %s`, (_, run) => run(environment.db, backing));
}

async function put(backings: Backing[]) {
  const blob = { hex: 'b', size: 3, pieces: [] };
  await environment.db.transact('prepare', 'blobs', 'readwrite', async (transaction) => {
    transaction.objectStore('blobs').put(blob);
  });
  await putPiece(environment.db, 'b', 'x', new Uint8Array([1, 2, 3]), backings);
}

const failing = (error: unknown) =>
  ({ name: 'file', write: vi.fn(() => Promise.reject(error)) }) satisfies Backing;

test('a back end that refuses is passed over, and not asked again', async () => {
  const refusing = failing(new DOMException('no', 'UnknownError'));
  await put([refusing, bufferBacking]);
  await put([refusing, bufferBacking]);
  expect(refusing.write).toHaveBeenCalledOnce();
  const piece: Piece = { offset: 0, length: 3, sha256: 'x' };
  expect(await loadPieces(environment.db, [piece])).toEqual([new Uint8Array([1, 2, 3]).buffer]);
});

test('when all refuse, it says so, and all are asked again the next time', async () => {
  const refusing = failing(new DOMException('no', 'UnknownError'));
  await expect(put([refusing])).rejects.toThrow(StorageError);
  await expect(put([refusing])).rejects.toThrow(StorageError);
  expect(refusing.write).toHaveBeenCalledTimes(2);
});

test('files that cannot be written, as in Safari before 26, are passed over', async () => {
  const root = new FakeFolder({ writable: false });
  vi.stubGlobal('navigator', { ...navigator, storage: { getDirectory: async () => root } });
  await put([fileBacking, bufferBacking]);
  const piece: Piece = { offset: 0, length: 3, sha256: 'x' };
  expect(await loadPieces(environment.db, [piece])).toEqual([new Uint8Array([1, 2, 3]).buffer]);
});

test('a full disk is no reason to try another back end', async () => {
  const full = failing(new DOMException('full', 'QuotaExceededError'));
  const other = failing(undefined);
  await expect(put([full, other])).rejects.toThrow(QuotaError);
  expect(other.write).not.toHaveBeenCalled();
});

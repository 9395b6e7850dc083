/** Cutting and checking bodies: what is right is stored at once, what is wrong never. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cutBody } from '../src/core/cut.ts';
import { IntegrityError } from '../src/errors/integrity-error.ts';
import { loadBlobs, loadStored } from '../src/storage/pieces.ts';
import { storePieceLists } from '../src/transport/piece-lists.ts';
import { storeBody } from '../src/transport/store-body.ts';
import { broken, createEnvironment, register } from './support/context.ts';
import { publish, type Release } from './support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let indexBytes: ArrayBuffer;

beforeEach(async () => {
  environment = createEnvironment();
  release = await publish({ 'a.mp4': 4500 });
  indexBytes = new TextEncoder().encode(release.indexText).buffer;
});

afterEach(() => environment.db.close());

async function blobOf(name: string) {
  const record = await register(environment, release);
  await storePieceLists(environment.db, record, indexBytes);
  const blob = (await loadBlobs(environment.db, [release.hex(name)])).get(release.hex(name));
  if (!blob) throw new Error('its list was stored');
  return { blob, bytes: release.files.get(name) ?? new Uint8Array() };
}

test('a body cut anywhere into chunks gives the same pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 10 }),
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 40 }),
      async (bytes, lengths, chunks) => {
        let offset = 0;
        let turn = 0;
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            if (offset >= bytes.length) return controller.close();
            const length = chunks[turn++ % chunks.length] ?? 1;
            controller.enqueue(bytes.slice(offset, offset + Math.max(1, length)));
            offset += Math.max(1, length);
          },
        });
        let at = 0;
        let i = 0;
        for await (const piece of cutBody(body, lengths)) {
          expect(piece).toEqual(bytes.slice(at, at + (lengths[i] ?? 0)));
          at += piece.length;
          i += 1;
        }
        // It ended with the lengths, or because the next one was not there whole.
        expect(i === lengths.length || at + (lengths[i] ?? 0) > bytes.length).toBe(true);
      },
    ),
  );
});

test('chunks are given up as soon as they are cut, where the engine can, and pieces hold what they had', async () => {
  const { blob, bytes } = await blobOf('a.mp4');
  const chunks = Array.from({ length: 10 }, (_, i) => bytes.slice(i * 450, (i + 1) * 450));
  const given = vi.fn(function (this: ArrayBuffer) {
    return structuredClone(this, { transfer: [this] });
  });
  Object.assign(ArrayBuffer.prototype, { transfer: given });
  try {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    expect(await storeBody(environment.db, blob, 0, 4, body)).toEqual({ verified: 5, damaged: 0 });
  } finally {
    Reflect.deleteProperty(ArrayBuffer.prototype, 'transfer');
  }
  expect(chunks.map(({ length }) => length)).toEqual(Array(10).fill(0));
});

test('a right body is stored whole', async () => {
  const { blob, bytes } = await blobOf('a.mp4');
  expect(await storeBody(environment.db, blob, 0, 4, new Blob([bytes]).stream())).toEqual({
    verified: 5,
    damaged: 0,
  });
  expect((await loadStored(environment.db, blob.pieces)).size).toBe(5);
});

test('a wrong piece is left out, those around it are kept', async () => {
  const { blob, bytes } = await blobOf('a.mp4');
  const damaged = bytes.slice();
  damaged[2500] = (damaged[2500] ?? 0) ^ 1;
  expect(await storeBody(environment.db, blob, 0, 4, new Blob([damaged]).stream())).toEqual({
    verified: 4,
    damaged: 1,
  });
  expect((await loadStored(environment.db, blob.pieces)).has(blob.pieces[2]?.sha256 ?? '')).toBe(false);
});

test('a body that ends early gives the pieces before its end', async () => {
  const { blob, bytes } = await blobOf('a.mp4');
  const outcome = await storeBody(environment.db, blob, 0, 4, new Blob([bytes.slice(0, 2500)]).stream());
  expect(outcome).toEqual({ verified: 2, damaged: 0 });
});

test('an empty body, as Chromium gives for a failed record with status 200, gives nothing', async () => {
  const { blob } = await blobOf('a.mp4');
  expect(await storeBody(environment.db, blob, 0, 4, new Blob([]).stream())).toEqual({
    verified: 0,
    damaged: 0,
  });
});

test('a body that breaks has stored what came before the break', async () => {
  const { blob, bytes } = await blobOf('a.mp4');
  await expect(storeBody(environment.db, blob, 0, 4, broken(bytes.slice(0, 3200)))).rejects.toThrow(
    'network error',
  );
  expect((await loadStored(environment.db, blob.pieces)).size).toBe(3);
});

test('a run in the middle of a blob is checked against its own pieces', async () => {
  const { blob, bytes } = await blobOf('a.mp4');
  const outcome = await storeBody(environment.db, blob, 2, 3, new Blob([bytes.slice(2000, 4000)]).stream());
  expect(outcome).toEqual({ verified: 2, damaged: 0 });
});

test('a piece index with one wrong byte is refused, and nothing is kept of it', async () => {
  const record = await register(environment, release);
  const wrong = new Uint8Array(indexBytes.slice(0));
  wrong[10] = (wrong[10] ?? 0) ^ 1;
  await expect(storePieceLists(environment.db, record, wrong.buffer)).rejects.toThrow(IntegrityError);
  expect((await loadBlobs(environment.db, record.hexes)).size).toBe(0);
});

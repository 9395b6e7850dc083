/** A seek far into a long lesson costs what its range costs, however long the lesson is. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { deletePieces } from '../src/storage/pieces.ts';
import { answerBlob } from '../src/sw/answer-blob.ts';
import { driveDownload } from '../src/transport/drive.ts';
import { type createEnvironment, type FakeNetwork, prepareRelease, register } from './support/context.ts';
import type { Release } from './support/release.ts';

const PIECE_BYTES = 1000;
const MOST_PIECES_IN_A_STEP = 16;

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;
/** How the pieces that are read from storage are numbered, in order. */
let read: () => number[];

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await environment.db.close();
});

async function prepare(bytes: number, pieceBytes = PIECE_BYTES) {
  ({ environment, release, network } = await prepareRelease({ 'long.mp4': bytes }, { pieceBytes }));
  await register(environment, release);
  await driveDownload(environment, 't', new AbortController().signal);
  network.asked.length = 0;
  const pieces = release.pieces.get(release.hex('long.mp4')) ?? [];
  const get = vi.spyOn(IDBObjectStore.prototype, 'get');
  read = () =>
    get.mock.calls
      .filter((_, call) => (get.mock.contexts[call] as IDBObjectStore).name === 'pieces')
      .map(([key]) => pieces.findIndex(({ sha256 }) => sha256 === key));
}

function ask(range: string, destination = '') {
  const request = new Request(release.url('long.mp4'), { headers: { Range: range } });
  return answerBlob(environment, Object.defineProperty(request, 'destination', { value: destination }));
}

const numbers = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

describe('a seek', () => {
  test.each([
    ['bytes=30000-30999', numbers(30, 1)],
    ['bytes=30500-31499', numbers(30, 2)],
    ['bytes=39999-', numbers(39, 1)],
    ['bytes=-1', numbers(39, 1)],
  ])('to %s of 40 pieces reads the pieces of that range, and no other', async (range, pieces) => {
    await prepare(40 * PIECE_BYTES);
    expect((await ask(range)).status).toBe(206);
    expect(read()).toEqual(pieces);
  });

  test.each([40, 60])('of a player, far into %i pieces, reads as many as an answer has', async (count) => {
    await prepare(count * PIECE_BYTES);
    const from = count - 20;
    const { headers } = await ask(`bytes=${from * PIECE_BYTES}-`, 'video');
    expect(headers.get('content-length')).toBe(String(MOST_PIECES_IN_A_STEP * PIECE_BYTES));
    expect(read()).toEqual(numbers(from, MOST_PIECES_IN_A_STEP));
  });
});

describe('an answer with a large gap, as WebKit gets it', () => {
  const MIB = 1024 * 1024;

  test('is read as it is taken, piece by piece, and not any more once it is cancelled', async () => {
    await prepare(8 * MIB, MIB);
    vi.stubGlobal('navigator', { ...navigator, userAgent: 'AppleWebKit/605.1.15 Safari/605.1.15' });
    const gone = release.pieces.get(release.hex('long.mp4'))?.slice(1, 7) ?? [];
    await deletePieces(environment.db, gone);
    const { body } = await ask('bytes=0-');
    const before = read().length;
    const reader = body?.getReader();
    const taken = Array.from({ length: 8 }, () => reader?.read());
    expect((await taken[1])?.value).toHaveLength(MIB);
    await reader?.cancel();
    expect((await taken[7])?.done).toBe(true);
    // As long as others are answered, it could go on.
    for (let others = 0; others < 20; others += 1) await ask('bytes=0-0');
    const pieces = read().slice(before);
    expect(Math.max(...pieces), `reads pieces ${pieces}`).toBeLessThanOrEqual(2);
    expect(network.asked.length).toBeLessThanOrEqual(2);
  });
});

/** What the planner asks for, and what it never does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Asset } from '../src/core/assets.ts';
import { PART_BYTES, type PlanInput, planTransfer, RUN_BYTES } from '../src/core/plan.ts';
import type { Piece } from '../src/protocol/manifest.ts';

const INDEX = { url: 'https://example.org/tags/t/releases/1/pieces.json', size: 500 };
const MIB = 1024 * 1024;

function asset(name: string, size: number): Asset {
  return {
    url: `https://example.org/blobs/${name}/a.bin`,
    hex: name,
    size,
    type: 'application/octet-stream',
  };
}

/** Pieces of the given lengths, named `names[i]`. */
function cut(lengths: number[], names: string[]): Piece[] {
  let offset = 0;
  return lengths.map((length, i) => {
    const piece = { offset, length, sha256: names[i] ?? `piece${i}` };
    offset += length;
    return piece;
  });
}

function plan(input: Partial<PlanInput>) {
  return planTransfer({
    assets: [],
    index: INDEX,
    pieces: new Map(),
    stored: new Set(),
    shape: 'assets',
    ...input,
  });
}

describe('with nothing known', () => {
  const assets = [asset('aa', 10), asset('bb', 0), asset('cc', 7)];

  test('a Background Fetch asks for the index and every asset whole, and the sum is exact', () => {
    const { requests, bytesToFetch, bytesStored } = plan({ assets });
    expect(requests.map((request) => request.url)).toEqual([INDEX.url, assets[0]?.url, assets[2]?.url]);
    expect(bytesToFetch).toBe(517);
    expect(bytesStored).toBe(0);
  });

  test('the pieces transport asks for the index first, and knows what will follow', () => {
    const { requests, bytesToFetch } = plan({ assets, shape: 'pieces' });
    expect(requests.map((request) => request.kind)).toEqual(['index']);
    expect(bytesToFetch).toBe(517);
  });
});

describe('with pieces known', () => {
  const assets = [asset('aa', 4 * MIB)];
  const pieces = new Map([['aa', cut([MIB, MIB, MIB, MIB], ['p0', 'p1', 'p2', 'p3'])]]);

  test('an asset of which nothing is stored is asked for whole', () => {
    expect(plan({ assets, pieces }).requests).toMatchObject([{ kind: 'asset', bytes: 4 * MIB }]);
  });

  test('an asset of which a piece is stored is asked for in the parts around it', () => {
    const { requests, bytesToFetch, bytesStored } = plan({ assets, pieces, stored: new Set(['p1']) });
    expect(requests.map((request) => request.url)).toEqual([
      'https://example.org/blobs/aa/pieces/0',
      'https://example.org/blobs/aa/pieces/2-3',
    ]);
    expect(bytesToFetch).toBe(3 * MIB);
    expect(bytesStored).toBe(MIB + INDEX.size);
  });

  test('nothing is asked for when all is stored', () => {
    const stored = new Set(['p0', 'p1', 'p2', 'p3']);
    for (const shape of ['assets', 'parts', 'pieces'] as const) {
      expect(plan({ assets, pieces, stored, shape })).toEqual({
        requests: [],
        bytesToFetch: 0,
        bytesStored: 4 * MIB + INDEX.size,
      });
    }
  });

  test('a piece that two assets share is asked for once', () => {
    const shared = new Map([
      ['aa', cut([MIB, MIB], ['x', 'y'])],
      ['bb', cut([MIB, MIB], ['z', 'y'])],
    ]);
    const two = [asset('aa', 2 * MIB), asset('bb', 2 * MIB)];
    const { requests, bytesToFetch } = plan({ assets: two, pieces: shared });
    expect(requests.map((request) => request.url)).toEqual([
      'https://example.org/blobs/aa/a.bin',
      'https://example.org/blobs/bb/pieces/0',
    ]);
    expect(bytesToFetch).toBe(3 * MIB);
  });

  test('runs of the pieces transport lie on a grid, so that a gap does not move the others', () => {
    const list = new Map([['aa', cut(Array(10).fill(MIB), [])]]);
    const ten = [asset('aa', 10 * MIB)];
    const urls = (stored: string[]) =>
      plan({ assets: ten, pieces: list, stored: new Set(stored), shape: 'pieces' }).requests.map((request) =>
        request.url.replace(/.*pieces\//, ''),
      );
    expect(urls([])).toEqual(['0-3', '4-7', '8-9']);
    expect(urls(['piece5'])).toEqual(['0-3', '4', '6', '7', '8-9']);
  });

  test('parts are begun anew after 16 MiB', () => {
    const list = new Map([['aa', cut(Array(40).fill(MIB), [])]]);
    const { requests } = plan({ assets: [asset('aa', 40 * MIB)], pieces: list, shape: 'parts' });
    expect(requests.map((request) => request.bytes)).toEqual([PART_BYTES, PART_BYTES, 8 * MIB]);
  });
});

describe('for any release and any storage', () => {
  const release = fc
    .array(
      fc.array(fc.tuple(fc.integer({ min: 1, max: RUN_BYTES }), fc.integer({ min: 0, max: 30 })), {
        maxLength: 12,
      }),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((blobs) => {
      // One name, one length: a digest cannot stand for two.
      const lengths = new Map<number, number>();
      const lists = blobs.map((blob) =>
        cut(
          blob.map(([length, name]) => {
            if (!lengths.has(name)) lengths.set(name, length);
            return lengths.get(name) ?? length;
          }),
          blob.map(([, name]) => `n${name}`),
        ),
      );
      return lists.map((list, i) => ({
        asset: asset(
          `blob${i}`,
          list.reduce((sum, piece) => sum + piece.length, 0),
        ),
        list,
      }));
    });
  const stored = fc
    .uniqueArray(fc.integer({ min: 0, max: 30 }))
    .map((names) => new Set(names.map((name) => `n${name}`)));
  const shape = fc.constantFrom('assets', 'parts', 'pieces') as fc.Arbitrary<PlanInput['shape']>;

  test('each missing piece is asked for exactly once, no stored one ever, and the total is the sum', () => {
    fc.assert(
      fc.property(release, stored, shape, (blobs, have, how) => {
        const pieces = new Map(blobs.map(({ asset: { hex }, list }) => [hex, list]));
        const { requests, bytesToFetch } = plan({
          assets: blobs.map((blob) => blob.asset),
          pieces,
          stored: have,
          shape: how,
        });
        const asked: string[] = [];
        for (const request of requests) {
          if (request.kind === 'index') throw new Error('the index is known');
          const list = pieces.get(request.hex) ?? [];
          const run = request.kind === 'asset' ? list : list.slice(request.first, request.last + 1);
          expect(request.bytes).toBe(run.reduce((sum, piece) => sum + piece.length, 0));
          asked.push(...run.map((piece) => piece.sha256));
        }
        const missing = new Set(
          [...pieces.values()]
            .flat()
            .map((piece) => piece.sha256)
            .filter((name) => !have.has(name)),
        );
        expect(asked.sort()).toEqual([...missing].sort());
        expect(bytesToFetch).toBe(requests.reduce((sum, request) => sum + request.bytes, 0));
      }),
      { numRuns: 300 },
    );
  });
});

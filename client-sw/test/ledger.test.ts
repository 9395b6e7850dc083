/** The ledger against storage, for any history: what it says is there is what is there. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Piece } from '../src/protocol/manifest.ts';
import { loadDownload } from '../src/storage/downloads.ts';
import { deletePieces, loadPieces, loadStored } from '../src/storage/pieces.ts';
import { putPiece } from '../src/storage/put-pieces.ts';
import { removeDownload, sweepUnneeded } from '../src/storage/sweep.ts';
import { auditDownload } from '../src/transport/audit.ts';
import { storePieceLists } from '../src/transport/piece-lists.ts';
import { createEnvironment, register, stubContext } from './support/context.ts';
import { publish, type Release } from './support/release.ts';

const PIECES_EACH = 4;
/** Two downloads that share one file, and each has one of its own. */
const IDS = ['t', 'u'] as const;
const FILES = [
  { 'shared.mp4': 4000, 'first.mp4': 3500 },
  { 'shared.mp4': 4000, 'second.mp4': 3700 },
];

type Id = (typeof IDS)[number];
type Step =
  | { do: 'register'; id: Id }
  | { do: 'remove'; id: Id }
  | { do: 'store' | 'forget' | 'spoil'; id: Id; file: number; piece: number }
  | { do: 'sweep' };

const id = fc.constantFrom(...IDS);
const ofPiece = { id, file: fc.nat(1), piece: fc.nat(PIECES_EACH - 1) };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('register' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('store' as const), ...ofPiece }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('forget' as const, 'spoil' as const), ...ofPiece }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
);

let environment: ReturnType<typeof createEnvironment>;

test('after any row of pieces stored, lost, spoilt and downloads removed, it counts exactly what is there', async () => {
  stubContext();
  const releases = new Map<Id, Release>();
  for (const [i, name] of IDS.entries()) releases.set(name, await publish(FILES[i] ?? {}));
  await fc.assert(
    fc
      .asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        environment = createEnvironment();
        const model = new Model(releases);
        for (const one of steps) {
          await act(model, one);
          model.note(one);
        }
        for (const name of IDS) await assertAgrees(model, name);
      })
      .afterEach(() => environment.db.close()),
    { numRuns: 60 },
  );
});

/** What must be there, by the simplest rules: pieces that were stored for a download in the ledger and not lost since. */
class Model {
  readonly registered = new Set<Id>();
  readonly right = new Map<string, Piece>();
  readonly #releases: ReadonlyMap<Id, Release>;

  constructor(releases: ReadonlyMap<Id, Release>) {
    this.#releases = releases;
  }

  release(name: Id): Release {
    const release = this.#releases.get(name);
    if (!release) throw new Error(`${name} was published before`);
    return release;
  }

  file(name: Id, file: number): { hex: string; bytes: Uint8Array<ArrayBuffer>; pieces: Piece[] } {
    const release = this.release(name);
    const [path, bytes] = [...release.files][file] ?? ['', new Uint8Array()];
    const hex = release.hex(path);
    return { hex, bytes, pieces: release.pieces.get(hex) ?? [] };
  }

  piecesOf(name: Id): Piece[] {
    return [0, 1].flatMap((file) => this.file(name, file).pieces);
  }

  note(step: Step): void {
    if (step.do === 'register') this.registered.add(step.id);
    else if (step.do === 'remove') {
      this.registered.delete(step.id);
      const needed = new Set([...this.registered].flatMap((name) => this.piecesOf(name)).map(digestOf));
      for (const digest of [...this.right.keys()]) if (!needed.has(digest)) this.right.delete(digest);
    } else if (step.do !== 'sweep' && this.isNeeded(step.id, step.file)) {
      const piece = this.file(step.id, step.file).pieces[step.piece];
      if (piece && step.do === 'store') this.right.set(piece.sha256, piece);
      else if (piece) this.right.delete(piece.sha256);
    }
  }

  /** Whether any download in the ledger has this file. */
  isNeeded(name: Id, file: number): boolean {
    const { hex } = this.file(name, file);
    return [...this.registered].some((other) => [0, 1].some((one) => this.file(other, one).hex === hex));
  }
}

async function act(model: Model, step: Step): Promise<void> {
  const { db } = environment;
  if (step.do === 'sweep') return sweepUnneeded(db);
  if (step.do === 'remove') return void (await removeDownload(db, step.id));
  if (step.do === 'register') {
    const release = model.release(step.id);
    const record = await register(environment, release, { id: step.id });
    return storePieceLists(db, record, new TextEncoder().encode(release.indexText).buffer);
  }
  const { hex, bytes, pieces } = model.file(step.id, step.file);
  const piece = pieces[step.piece];
  if (!piece) throw new Error('each file has as many pieces');
  if (step.do === 'forget') return deletePieces(db, [piece]);
  const data = bytes.slice(piece.offset, piece.offset + piece.length);
  const put = putPiece(db, hex, piece.sha256, step.do === 'spoil' ? data.slice(1) : data);
  // A piece for nobody is refused: what else there may be is no download's.
  if (model.isNeeded(step.id, step.file)) return put;
  await expect(put).rejects.toMatchObject({ name: 'RemovedError' });
}

/** The audit of a download, and what is left in storage after it. */
async function assertAgrees(model: Model, name: Id): Promise<void> {
  const { db } = environment;
  const record = await loadDownload(db, name);
  expect(record !== undefined).toBe(model.registered.has(name));
  const pieces = model.piecesOf(name);
  const right = pieces.filter(({ sha256 }) => model.right.has(sha256));
  if (record) {
    const audit = await auditDownload(db, record, 'lengths');
    const { size } = record.manifest.download.pieces;
    expect(audit.bytesStored).toBe(size + bytesOf(right));
    expect(audit.bytesToRepair).toBe(bytesOf(pieces) - bytesOf(right));
  }
  const present = await loadPieces(db, pieces);
  const read = pieces.filter((_, i) => present[i] !== undefined);
  expect(await loadStored(db, pieces)).toEqual(new Set(read.map(digestOf)));
  // Of a download that is not in the ledger only what the other one shares with it is there.
  if (record) expect(read.map(digestOf)).toEqual(right.map(digestOf));
  else expect(read.every((piece) => model.isNeeded(name, fileOf(model, name, piece)))).toBe(true);
}

function fileOf(model: Model, name: Id, { sha256 }: Piece): number {
  return model.file(name, 0).pieces.some((piece) => piece.sha256 === sha256) ? 0 : 1;
}

const digestOf = ({ sha256 }: Piece) => sha256;
const bytesOf = (pieces: Piece[]) => pieces.reduce((sum, { length }) => sum + length, 0);

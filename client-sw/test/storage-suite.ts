/**
 * What every back end of storage must do: run here in node over a database in memory, and by `e2e/tests/storage.mjs` in
 * real browsers. Imports nothing that a browser lacks.
 */
import { RemovedError } from '../src/errors/removed-error.ts';
import type { Piece } from '../src/protocol/manifest.ts';
import { type Backing, openPiece } from '../src/storage/backings.ts';
import { type Database, result } from '../src/storage/database.ts';
import { deletePieces, loadPieces, loadStored } from '../src/storage/pieces.ts';
import { putPiece } from '../src/storage/put-pieces.ts';
import type { PieceData } from '../src/storage/schema.ts';
import { sweepUnneeded } from '../src/storage/sweep.ts';

const BLOB = 'b'.repeat(64);
const LENGTHS = [1, 70_000, 1_048_576, 0, 3];

/** Each resolves when it holds, and rejects saying what does not. */
export const storageCases: Record<string, (db: Database, backing: Backing) => Promise<void>> = {
  async 'what is stored is read back, byte for byte, in the order asked for'(db, backing) {
    const pieces = await fill(db, backing);
    const wanted = [...pieces].reverse();
    for (const [i, data] of (await loadPieces(db, wanted)).entries()) {
      const bytes = new Uint8Array(await new Response(data).arrayBuffer());
      equal(bytes, bytesOf(wanted[i] as Piece), `piece ${i}`);
    }
  },
  async 'the record says which back end holds it'(db, backing) {
    const [piece] = await fill(db, backing);
    const data = await readRecord(db, piece as Piece);
    const name = data instanceof Blob ? 'blob' : data instanceof ArrayBuffer ? 'buffer' : 'file';
    if (name !== backing.name) throw new Error(`it lies in ${name}, not in ${backing.name}`);
  },
  async 'a piece that is written twice is there once, as it was written last'(db, backing) {
    const pieces = await fill(db, backing);
    await fill(db, backing);
    if ((await loadStored(db, pieces)).size !== LENGTHS.length) throw new Error('another number of pieces');
  },
  async 'a piece of a blob that nobody needs is refused, and leaves nothing behind'(db, backing) {
    const refusal = putPiece(db, 'nobody', 'x', new Uint8Array(3), [backing]);
    const error = await refusal.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (!(error instanceof RemovedError)) throw new Error(`it was ${String(error)}`);
    await sweepUnneeded(db);
    if (await openPiece({ file: 'x' })) throw new Error('its file is there');
  },
  async 'a piece that was forgotten is not there, and the others are'(db, backing) {
    const pieces = await fill(db, backing);
    const [first, ...rest] = pieces as [Piece, ...Piece[]];
    await deletePieces(db, [first]);
    const [gone, ...others] = await loadPieces(db, [first, ...rest]);
    if (gone !== undefined || others.includes(undefined)) throw new Error('another one is gone');
  },
  async 'what no download needs is swept, to the last byte'(db, backing) {
    const pieces = await fill(db, backing);
    await db.transact('empty the ledger', ['downloads', 'blobs'], 'readwrite', async (transaction) => {
      transaction.objectStore('downloads').clear();
    });
    await sweepUnneeded(db);
    if ((await loadStored(db, pieces)).size > 0) throw new Error('records are left');
    for (const { sha256 } of pieces) if (await openPiece({ file: sha256 })) throw new Error('files are left');
  },
  async 'many writers at once lose nothing'(db, backing) {
    await Promise.all([fill(db, backing), fill(db, backing), sweepUnneeded(db), fill(db, backing)]);
    const pieces = await fill(db, backing);
    if ((await loadPieces(db, pieces)).includes(undefined)) throw new Error('a piece is gone');
  },
};

/** A download that needs one blob, and all of its pieces stored. */
async function fill(db: Database, backing: Backing): Promise<Piece[]> {
  let offset = 0;
  const pieces = LENGTHS.map((length, i) => {
    const piece = { offset, length, sha256: `${i}`.repeat(64) };
    offset += length;
    return piece;
  });
  await db.transact('prepare', ['downloads', 'blobs'], 'readwrite', async (transaction) => {
    transaction.objectStore('downloads').put({ id: 't', tag: 't', hexes: [BLOB] });
    transaction.objectStore('blobs').put({ hex: BLOB, size: offset, pieces });
  });
  for (const piece of pieces) await putPiece(db, BLOB, piece.sha256, bytesOf(piece), [backing]);
  return pieces;
}

function bytesOf({ length, sha256 }: Piece): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, i) => i * 31 + sha256.charCodeAt(0));
}

function readRecord(db: Database, { sha256 }: Piece): Promise<PieceData> {
  return db.transact('read a record', 'pieces', 'readonly', (transaction) =>
    result(transaction.objectStore('pieces').get(sha256)),
  );
}

function equal(a: Uint8Array, b: Uint8Array, what: string): void {
  if (a.length !== b.length || a.some((byte, i) => byte !== b[i])) throw new Error(`${what} differs`);
}

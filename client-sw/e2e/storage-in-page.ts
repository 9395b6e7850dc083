/** Bundled for a page: the cases of every back end, and a measurement of what each costs. */
import type { Piece } from '../src/protocol/manifest.ts';
import { type Backing, blobBacking, bufferBacking, fileBacking } from '../src/storage/backings.ts';
import { Database } from '../src/storage/database.ts';
import { loadPieces } from '../src/storage/pieces.ts';
import { putPiece } from '../src/storage/put-pieces.ts';
import { storageCases } from '../test/storage-suite.ts';

const BACKINGS: Record<string, Backing> = { blob: blobBacking, file: fileBacking, buffer: bufferBacking };
const DATABASE = 'stowaway-suite';

export const names = Object.keys(BACKINGS);

/** Runs all cases on one back end; gives those that failed, with the reason. */
export async function runCases(name: string): Promise<{ run: number; failed: string[] }> {
  const failed: string[] = [];
  for (const [title, run] of Object.entries(storageCases)) {
    await withDatabase(async (db) => {
      try {
        await run(db, backingOf(name));
      } catch (error) {
        failed.push(
          `${title}: ${String((error as Error).stack ?? error)} ${String((error as Error).cause ?? '')}`,
        );
      }
    });
  }
  return { run: Object.keys(storageCases).length, failed };
}

/** MiB per second, written one after the other as a download does, and read as a player does. */
export async function measure(name: string, count: number): Promise<{ write: number; read: number }> {
  return withDatabase(async (db) => {
    const length = 1024 * 1024;
    const pieces: Piece[] = Array.from({ length: count }, (_, i) => ({
      offset: i * length,
      length,
      sha256: i.toString(16).padStart(64, '0'),
    }));
    await db.transact('prepare', ['downloads', 'blobs'], 'readwrite', async (transaction) => {
      transaction.objectStore('blobs').put({ hex: 'b', size: count * length, pieces });
    });
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const piece = new Uint8Array(length).map((_, i) => bytes[i % bytes.length] ?? 0);
    const started = performance.now();
    for (const { sha256 } of pieces) await putPiece(db, 'b', sha256, piece.slice(), [backingOf(name)]);
    const written = performance.now();
    for (const one of pieces) {
      const [data] = await loadPieces(db, [one]);
      if ((await new Response(data).arrayBuffer()).byteLength !== length) throw new Error('a piece is short');
    }
    const read = performance.now();
    return { write: (count * 1000) / (written - started), read: (count * 1000) / (read - written) };
  });
}

function backingOf(name: string): Backing {
  const backing = BACKINGS[name];
  if (!backing) throw new Error(`no back end ${name}`);
  return backing;
}

/** A database of its own, and nothing left of it. */
async function withDatabase<T>(body: (db: Database) => Promise<T>): Promise<T> {
  const db = new Database(DATABASE);
  try {
    return await body(db);
  } finally {
    await db.close();
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(DATABASE);
      request.onsuccess = resolve;
      request.onerror = () => reject(request.error);
    });
    const root = await navigator.storage?.getDirectory?.();
    await root?.removeEntry('stowaway-pieces', { recursive: true }).catch(() => undefined);
  }
}

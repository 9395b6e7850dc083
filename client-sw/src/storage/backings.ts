/**
 * Where the bytes of a piece lie: one interface, three back ends. The record of a piece says which one it is in, so that
 * a browser may change its mind from one piece to the next. Which is tried first was measured: docs/adr/0024.
 */
import type { Hex } from '../protocol/manifest.ts';
import type { PieceData } from './schema.ts';

export interface Backing {
  readonly name: 'blob' | 'file' | 'buffer';
  /**
   * Writes the bytes, and then the record by `put`. Bytes that lie outside the database are there before their record is.
   * @throws what the browser throws
   */
  write(sha256: Hex, bytes: Uint8Array<ArrayBuffer>, put: (data: PieceData) => Promise<void>): Promise<void>;
}

/** In the database, as a Blob: the browser keeps a file of its own and reads it lazily. */
export const blobBacking: Backing = {
  name: 'blob',
  write: async (_sha256, bytes, put) => {
    await put(new Blob([bytes]));
    weigh(bytes.length);
  },
};

/** Measured in Chromium: with it at most some megabytes of Blobs are left over at a time, without it all that were written. */
const BLOB_WEIGHT = 16;

/**
 * A Blob's bytes stay in this process and the browser's until the engine tidies up, but the engine does not count them, and
 * sees no need. It does count an ArrayBuffer, also one that nobody writes into and that takes no memory therefore.
 */
function weigh(bytes: number): void {
  try {
    new ArrayBuffer(BLOB_WEIGHT * bytes);
  } catch {
    // A device that has no room for a number has tidied up by now.
  }
}

/** In the database, as bytes: for browsers that keep neither Blobs nor files (ephemeral WebKit sessions). */
export const bufferBacking: Backing = {
  name: 'buffer',
  write: (_sha256, bytes, put) => put(bytes.slice().buffer),
};

/** In the origin-private file system, a file a piece. */
export const fileBacking: Backing = {
  name: 'file',
  write: (sha256, bytes, put) =>
    // Shared among writers: who sweeps files without a record waits for all of them.
    navigator.locks.request(FILES_LOCK, { mode: 'shared' }, async () => {
      const folder = await openFolder(true);
      const file = await folder?.getFileHandle(sha256, { create: true });
      if (!file?.createWritable) throw new DOMException('no files to write', 'NotSupportedError');
      const writable = await file.createWritable();
      await writable.write(bytes);
      await writable.close();
      await put({ file: sha256 });
    }),
};

const FOLDER = 'stowaway-pieces';
const FILES_LOCK = 'stowaway-files';

/** In the order they are tried; a browser that refuses one is not asked again. */
export const BACKINGS: readonly Backing[] = [blobBacking, fileBacking, bufferBacking];

/** What a record holds, ready to be read; undefined for a file that is gone. */
export async function openPiece(data: PieceData | undefined): Promise<Blob | ArrayBuffer | undefined> {
  if (data === undefined || data instanceof Blob || data instanceof ArrayBuffer) return data;
  try {
    return await (await (await openFolder(false))?.getFileHandle(data.file))?.getFile();
  } catch (error) {
    if ((error as DOMException).name === 'NotFoundError') return undefined;
    throw error;
  }
}

/** Deletes the files of pieces that no record names. `loadKept` reads which there are once no writer is under way. */
export async function sweepFiles(loadKept: () => Promise<ReadonlySet<Hex>>): Promise<void> {
  if (!(await openFolder(false))) return;
  await navigator.locks.request(FILES_LOCK, { mode: 'exclusive' }, async () => {
    const folder = await openFolder(false);
    const kept = await loadKept();
    for await (const name of folder?.keys() ?? []) if (!kept.has(name)) await folder?.removeEntry(name);
  });
}

/** undefined where there is no such file system, or nothing was ever kept in it. */
async function openFolder(create: boolean): Promise<IterableFolder | undefined> {
  try {
    const root = await navigator.storage?.getDirectory?.();
    return (await root?.getDirectoryHandle(FOLDER, { create })) as IterableFolder | undefined;
  } catch (error) {
    // NotFoundError: none yet. SecurityError: private sessions of some browsers.
    if (['NotFoundError', 'SecurityError'].includes((error as DOMException).name)) return undefined;
    throw error;
  }
}

/** TypeScript's worker library does not know that folders can be listed. */
type IterableFolder = FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };

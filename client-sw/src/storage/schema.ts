/**
 * The database `stowaway`: its stores, their records, and how it moves from version to version. Bump `VERSION` and add
 * a step to `MIGRATIONS` for every change; a step is never edited once it has been published.
 */

import { downloadId, serverOf } from '../core/address.ts';
import type { Policy } from '../core/policy.ts';
import type { Download } from '../protocol/download.ts';
import type { Hex, Manifest, Piece } from '../protocol/manifest.ts';

export const VERSION = 2;

/** A whole release that stays playable until the one that replaces it is complete. */
export interface KeptRelease {
  manifest: Manifest;
  title: string;
  release: number;
  hexes: Hex[];
  /** Bytes. */
  bytesTotal: number;
}

/** `downloads`: one per server, tag and selection, by `id`. */
export interface DownloadRecord
  extends Omit<Download, 'bytesReceived' | 'availableRelease' | 'pauseReason' | 'error'> {
  pauseReason?: Download['pauseReason'] | undefined;
  error?: Download['error'] | undefined;
  manifest: Manifest;
  /** Blobs that this download needs. */
  hexes: Hex[];
  /** Id of the Background Fetch that carries it, while one does. */
  backgroundFetchId?: string | undefined;
  /** What of `bytesStored` was stored when that fetch began: what has arrived of it is stored while it runs. */
  bytesBeforeFetch?: number | undefined;
  /** While an update runs: what it replaces. */
  kept?: KeptRelease | undefined;
  /** When bytes may move. */
  policy?: Policy | undefined;
  /** Tries in a row that brought nothing: a driver that is woken again counts on. */
  attempts?: number | undefined;
  /**
   * When a part of it was last read over (milliseconds since the epoch), and the place in the row of its pieces where the next
   * part begins: 0 once all were read.
   */
  sampled?: { at: number; next: number } | undefined;
}

/** `blobs`, by `hex`: how a blob is put together from pieces. Written once its list is verified. */
export interface BlobRecord {
  hex: Hex;
  size: number;
  pieces: Piece[];
}

/** `addresses`, by `url` (absolute, no query): which blob an address serves, and as what. */
export interface AddressRecord {
  url: string;
  hex: Hex;
  type: string;
  /** Milliseconds since the epoch after which it is not served from storage; 0 once that has been seen. */
  expiresAt?: number | undefined;
}

/** `answers`, by `url`: the last good answer of a document that changes, for when the network is away. */
export interface AnswerRecord {
  url: string;
  body: string;
  type: string;
  storedAt: number;
}

/** `pieces`, by digest: the bytes, or the name of the file that holds them (`backings.ts`). */
export type PieceData = Blob | ArrayBuffer | { file: string };

export type StoreName = 'downloads' | 'pieces' | 'blobs' | 'addresses' | 'answers';

/** Step n brings version n to n + 1. */
const MIGRATIONS: ((database: IDBDatabase, transaction: IDBTransaction) => void)[] = [
  (database) => {
    const downloads = database.createObjectStore('downloads', { keyPath: 'id' });
    downloads.createIndex('tag', 'tag');
    downloads.createIndex('backgroundFetchId', 'backgroundFetchId');
    database.createObjectStore('pieces');
    database.createObjectStore('blobs', { keyPath: 'hex' });
    database.createObjectStore('addresses', { keyPath: 'url' }).createIndex('hex', 'hex');
    database.createObjectStore('answers', { keyPath: 'url' });
  },
  // Ids of other servers' downloads carry the server.
  (_database, transaction) => {
    const downloads = transaction.objectStore('downloads');
    downloads.openCursor().onsuccess = ({ target }) => {
      const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result;
      if (!cursor) return;
      const record: DownloadRecord = cursor.value;
      const id = downloadId(record.tag, record.selection, serverOf(record.manifestUrl));
      if (id !== record.id) {
        cursor.delete();
        downloads.put({ ...record, id });
      }
      cursor.continue();
    };
  },
];

/** Runs the steps from `oldVersion` up; for `onupgradeneeded`. */
export function migrate(database: IDBDatabase, transaction: IDBTransaction, oldVersion: number): void {
  for (const step of MIGRATIONS.slice(oldVersion, VERSION)) step(database, transaction);
}

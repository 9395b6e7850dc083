/**
 * The connection to IndexedDB: opens (and opens again) the database, runs transactions, and turns the browser's errors
 * into ours. Knows nothing of downloads.
 */
import { QuotaError } from '../errors/quota-error.ts';
import { StorageError } from '../errors/storage-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import { migrate, type StoreName, VERSION } from './schema.ts';

/** A tab with an older version that is frozen may block opening for ever. */
const LONGEST_OPENING_MS = 15_000;

export class Database {
  readonly #name: string;
  readonly #onLost: () => void;
  #connection: Promise<IDBDatabase> | undefined;

  /** @param onLost told when the browser takes the database away, be it to tidy up or to clear the site's data */
  constructor(name = 'stowaway', onLost: () => void = () => {}) {
    this.#name = name;
    this.#onLost = onLost;
  }

  /**
   * Runs `body` in one transaction and resolves with its result once that is committed. `body` may await nothing but
   * requests of this transaction, and may run twice; when it throws, nothing is changed.
   * @throws QuotaError when the browser is out of room, StorageError otherwise
   */
  async transact<T>(
    operation: string,
    stores: StoreName | StoreName[],
    mode: IDBTransactionMode,
    body: (transaction: IDBTransaction) => Promise<T>,
  ): Promise<T> {
    const attempt = () => this.#attempt(stores, mode, body);
    try {
      return await attempt().catch((error) => {
        // Browsers close connections on their own (iOS in the background, Firefox when room runs out), also in the middle
        // of a transaction, of which nothing is left then: once more, from the start.
        if (error?.name !== 'InvalidStateError') throw error;
        this.#connection = undefined;
        return attempt();
      });
    } catch (error) {
      throw typed(error, operation);
    }
  }

  /** Ends the connection; the next transaction opens it again. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    (await connection)?.close();
  }

  async #attempt<T>(
    stores: StoreName | StoreName[],
    mode: IDBTransactionMode,
    body: (transaction: IDBTransaction) => Promise<T>,
  ): Promise<T> {
    const transaction = (await this.#open()).transaction(stores, mode);
    const committed = completion(transaction);
    // Awaited below in every case; until then a rejection is not "unhandled".
    committed.catch(() => undefined);
    try {
      const result = await body(transaction);
      await committed;
      return result;
    } catch (error) {
      await abort(transaction, committed);
      // An aborted transaction says more about the cause than the request that it took down.
      throw transaction.error ?? error;
    }
  }

  #open(): Promise<IDBDatabase> {
    const forget = () => {
      this.#connection = undefined;
    };
    const lose = () => {
      forget();
      this.#onLost();
    };
    this.#connection ??= open(this.#name, forget, lose).catch((error) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }
}

/** The result of one request. */
export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open(name: string, onReplaced: () => void, onLost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (request.transaction) migrate(request.result, request.transaction, oldVersion);
    };
    request.onerror = () => {
      clearTimeout(timer);
      reject(request.error);
    };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new DOMException('another tab holds an older version open', 'TimeoutError'));
    }, LONGEST_OPENING_MS);
    request.onsuccess = () => {
      const database = request.result;
      clearTimeout(timer);
      if (late) return database.close();
      // A newer tab wants to migrate: let go, or it waits for ever.
      database.onversionchange = () => {
        database.close();
        onReplaced();
      };
      database.onclose = onLost;
      resolve(database);
    };
  });
}

function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
  });
}

async function abort(transaction: IDBTransaction, committed: Promise<void>): Promise<void> {
  try {
    transaction.abort();
  } catch {
    // Already over: `committed` has settled.
  }
  await committed.catch(() => undefined);
}

/** A browser's error as one of ours. */
export function typed(error: unknown, operation: string): StowawayError {
  if (error instanceof StowawayError) return error;
  if ((error as DOMException | null)?.name === 'QuotaExceededError')
    return new QuotaError(undefined, undefined, { cause: error });
  return new StorageError(operation, { cause: error });
}

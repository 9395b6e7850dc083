/** Which stored blob an address serves, and the last answers of documents that change. */
import { type Database, result } from './database.ts';
import type { AddressRecord, AnswerRecord, BlobRecord } from './schema.ts';

/** Most answers kept: a catalogue has few pages, and a caller may put anything in a query. */
const MOST_ANSWERS = 32;

/** The blob under an absolute address without query, where its piece list is known. */
export function loadAddress(
  db: Database,
  url: string,
): Promise<{ address: AddressRecord; blob: BlobRecord } | undefined> {
  return db.transact('look up an address', ['addresses', 'blobs'], 'readonly', async (transaction) => {
    const address: AddressRecord | undefined = await result(transaction.objectStore('addresses').get(url));
    if (!address) return undefined;
    const blob: BlobRecord | undefined = await result(transaction.objectStore('blobs').get(address.hex));
    return blob && { address, blob };
  });
}

/** Notes that an address has expired: turning the clock back does not bring it back. */
export function expireAddress(db: Database, address: AddressRecord): Promise<void> {
  return db.transact('note an expiry', 'addresses', 'readwrite', async (transaction) => {
    transaction.objectStore('addresses').put({ ...address, expiresAt: 0 });
  });
}

export function loadAnswer(db: Database, url: string): Promise<AnswerRecord | undefined> {
  return db.transact('read an answer', 'answers', 'readonly', (transaction) =>
    result(transaction.objectStore('answers').get(url)),
  );
}

/** Keeps an answer; the oldest goes when there are too many. */
export function putAnswer(db: Database, answer: AnswerRecord): Promise<void> {
  return db.transact('keep an answer', 'answers', 'readwrite', async (transaction) => {
    const store = transaction.objectStore('answers');
    store.put(answer);
    if ((await result(store.count())) <= MOST_ANSWERS) return;
    const kept: AnswerRecord[] = await result(store.getAll());
    const oldest = kept.reduce((a, b) => (a.storedAt <= b.storedAt ? a : b));
    store.delete(oldest.url);
  });
}

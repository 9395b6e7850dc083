/** Does to stored pieces what browsers and disks do: evicts them, cuts them short, changes their bytes. */

/**
 * @param page any page of the origin
 * @param every spoils the first of each so many pieces
 * @param how `delete`, `truncate` or `overwrite`
 * @returns digest and length of what was there and is spoilt
 */
export function spoilPieces(page, { every, how }) {
  return page.evaluate(
    async ({ every, how }) => {
      const settled = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await settled(indexedDB.open('stowaway'));
      const reading = database.transaction('blobs').objectStore('blobs');
      const blobs = await settled(reading.getAll());
      const transaction = database.transaction('pieces', 'readwrite');
      const store = transaction.objectStore('pieces');
      const stored = new Set(await settled(store.getAllKeys()));
      const pieces = blobs
        .flatMap((blob) => blob.pieces)
        .filter(({ sha256 }, i) => i % every === 0 && stored.has(sha256));
      for (const { sha256, length } of pieces) {
        if (how === 'delete') store.delete(sha256);
        else store.put(new Blob([new Uint8Array(how === 'truncate' ? length - 1 : length)]), sha256);
      }
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      database.close();
      return pieces.map(({ sha256, length }) => ({ sha256, length }));
    },
    { every, how },
  );
}

/** Stops time: storage is held, so that nobody can read the ledger, or store another piece; and workers are stopped. */

/**
 * Nobody reads or writes the ledger meanwhile.
 * @param page any page of the origin
 * @returns lets go
 */
export async function holdLedger(page) {
  await page.evaluate(async () => {
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open('stowaway');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const downloads = database.transaction('downloads', 'readwrite').objectStore('downloads');
    let holding = true;
    window.releaseStorage = () => {
      holding = false;
      database.close();
    };
    await new Promise((resolve) => {
      const keep = () => {
        resolve();
        if (holding) downloads.count().onsuccess = keep;
      };
      downloads.count().onsuccess = keep;
    });
  });
  return () => page.evaluate(() => window.releaseStorage());
}

/**
 * Waits until a download is being verified and some of its pieces are stored and others not, and holds the stores of pieces
 * in that very moment: what is looked at, and what holds, is one transaction.
 * @param page any page of the origin
 * @param mostPieces so many are all of them
 * @returns lets go
 */
export async function holdStorageInVerification(page, id, mostPieces) {
  const seen = await page.evaluate(
    async ({ id, mostPieces }) => {
      const settled = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await settled(indexedDB.open('stowaway'));
      for (let mode = 'readonly'; ; ) {
        const transaction = database.transaction(['downloads', 'pieces'], mode);
        const { state } = (await settled(transaction.objectStore('downloads').get(id))) ?? {};
        const pieces = transaction.objectStore('pieces');
        const stored = await settled(pieces.count());
        if (mode === 'readwrite' && state === 'verifying' && stored > 0 && stored < mostPieces) {
          let holding = true;
          const keep = () => {
            if (holding) pieces.count().onsuccess = keep;
          };
          keep();
          window.releaseStorage = () => {
            holding = false;
            database.close();
          };
          return 'held';
        }
        if (state === 'complete' || state === 'failed') return state;
        await new Promise((resolve) => (transaction.oncomplete = resolve));
        // Only now does it stand in the way of others.
        if (state === 'verifying') mode = 'readwrite';
        else await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    { id, mostPieces },
  );
  if (seen !== 'held') throw new Error(`${id} was ${seen} before it was seen half verified`);
  return () => page.evaluate(() => window.releaseStorage());
}

/** Over the DevTools protocol: every worker of the browser ends, without being asked. */
export async function stopWorkers(context, page) {
  const session = await context.newCDPSession(page);
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.detach();
}

/** Stops time for a worker: storage is held so that it cannot store another piece, and the worker is stopped. */

/**
 * Holds the stores of pieces from the page.
 * @param until waits for the moment
 * @returns lets go
 */
export async function holdStorage(page, until) {
  await until();
  const held = await page.evaluate(async () => {
    const opening = indexedDB.open('stowaway');
    const database = await new Promise((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const transaction = database.transaction('pieces', 'readwrite');
    let holding = true;
    const keep = () => {
      if (!holding) return;
      transaction.objectStore('pieces').count().onsuccess = keep;
    };
    return new Promise((resolve) => {
      transaction.objectStore('pieces').count().onsuccess = ({ target }) => {
        window.releaseStorage = () => {
          holding = false;
          database.close();
        };
        keep();
        resolve(target.result);
      };
    });
  });
  if (held === 0) throw new Error('nothing was stored yet');
  return () => page.evaluate(() => window.releaseStorage());
}

/** Over the DevTools protocol: every worker of the browser ends, without being asked. */
export async function stopWorkers(context, page) {
  const session = await context.newCDPSession(page);
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.detach();
}

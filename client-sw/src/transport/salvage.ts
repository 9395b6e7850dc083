/** Takes out of a Background Fetch's records whatever is right, and stores it. */
import { parseBlobAddress, withoutQuery } from '../core/address.ts';
import { QuotaError } from '../errors/quota-error.ts';
import { RemovedError } from '../errors/removed-error.ts';
import { StorageError } from '../errors/storage-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { BackgroundFetchRecord } from '../protocol/background-fetch.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import type { Environment } from './environment.ts';
import { type Inventory, lacksLists, loadInventory, planInventory } from './inventory.ts';
import { withLimit } from './limit.ts';
import { unlessDriven } from './lock.ts';
import { fetchPieceLists, storePieceLists } from './piece-lists.ts';
import { Progress } from './progress.ts';
import { storeBody } from './store-body.ts';

/** A record of a fetch that is over has settled; one that has not after this long never will. */
const LONGEST_WAIT_MS = 30_000;
/** A fetch that ends takes its records along, and a body that never ends must not keep a driver waiting for ever. */
const LONGEST_KEEP_MS = 60_000;

/**
 * Stores the good pieces of all records. True when nothing of the download is missing afterwards.
 * @throws QuotaError, StorageError, RemovedError; faults of single records are not thrown
 */
export async function salvageRecords(
  environment: Environment,
  download: DownloadRecord,
  records: readonly BackgroundFetchRecord[],
): Promise<boolean> {
  let inventory = await loadInventory(environment.db, download);
  if (lacksLists(inventory)) {
    if (!(await adoptPieceLists(environment, download, inventory.index.url, records))) return false;
    inventory = await loadInventory(environment.db, download);
  }
  const progress = new Progress(
    environment,
    download.id,
    inventory,
    planInventory(inventory, 'pieces').bytesStored,
  );
  for (const record of records) await salvageRecord(environment, inventory, record, progress);
  await progress.flush();
  return planInventory(await loadInventory(environment.db, download), 'pieces').requests.length === 0;
}

/**
 * The same for a fetch that still runs: what has arrived whole is stored now, so that it plays, and is not lost with the
 * fetch. Says nothing to anybody: the fetch's own progress is the better one meanwhile.
 * @throws as {@link salvageRecords}
 */
export async function salvageFinished(
  environment: Environment,
  download: DownloadRecord,
  records: readonly BackgroundFetchRecord[],
): Promise<void> {
  await unlessDriven(download.id, async () => {
    const inventory = await loadInventory(environment.db, download);
    const finished: BackgroundFetchRecord[] = [];
    for (const record of records) if (await isFinished(record)) finished.push(record);
    if (lacksLists(inventory) && !findIndex(finished, inventory.index.url)) return;
    const salvaged = salvageRecords({ ...environment, announce: () => undefined }, download, finished);
    await withLimit(salvaged, LONGEST_KEEP_MS);
  });
}

/** The address of a record whose request is not over, or undefined when all are. */
export async function findUnsettled(records: readonly BackgroundFetchRecord[]): Promise<string | undefined> {
  for (const record of records) if (!(await isFinished(record))) return record.request.url;
  return undefined;
}

/** Settled by now; a fault is found again at the end. */
async function isFinished({ responseReady }: BackgroundFetchRecord): Promise<boolean> {
  const later = new Promise<false>((resolve) => setTimeout(() => resolve(false), 0));
  return Promise.race([responseReady.then(() => true).catch(() => false), later]);
}

/** The release piece index: out of the records, else from the network. Without it nothing can be verified. */
async function adoptPieceLists(
  environment: Environment,
  download: DownloadRecord,
  indexUrl: string,
  records: readonly BackgroundFetchRecord[],
): Promise<boolean> {
  const response = await answerOf(findIndex(records, indexUrl));
  try {
    if (response) {
      await storePieceLists(environment.db, download, await response.arrayBuffer());
      return true;
    }
  } catch (error) {
    rethrowOurs(error);
  }
  try {
    await fetchPieceLists(environment.db, download, indexUrl, AbortSignal.timeout(LONGEST_WAIT_MS));
    return true;
  } catch (error) {
    rethrowOurs(error);
    return false;
  }
}

/** Under whatever signature it was asked for: the download may have a newer one by now. */
function findIndex(
  records: readonly BackgroundFetchRecord[],
  indexUrl: string,
): BackgroundFetchRecord | undefined {
  return records.find(({ request }) => withoutQuery(request.url) === withoutQuery(indexUrl));
}

async function salvageRecord(
  environment: Environment,
  inventory: Inventory,
  record: BackgroundFetchRecord,
  progress: Progress,
): Promise<void> {
  const address = parseBlobAddress(record.request.url);
  const blob = address && inventory.blobs.get(address.hex);
  if (!blob) return;
  const [first, last] = address.kind === 'part' ? [address.first, address.last] : [0, blob.pieces.length - 1];
  const missing = blob.pieces.slice(first, last + 1).some((piece) => !inventory.stored.has(piece.sha256));
  const body = missing && (await answerOf(record))?.body;
  if (!body) return;
  let inFlight = 0;
  try {
    await storeBody(environment.db, blob, first, last, body, {
      onBytes: (bytes) => {
        inFlight += bytes;
        progress.receive(bytes);
      },
      onPiece: (piece) => {
        inFlight -= piece.length;
        inventory.stored.add(piece.sha256);
        progress.store(piece);
      },
    });
  } catch (error) {
    // A body that breaks off has given what it had.
    rethrowOurs(error);
  } finally {
    progress.receive(-inFlight);
  }
}

/**
 * What a record holds, whatever its status says: Chromium asks again after a 500 and keeps the first status over the good
 * body. Digests tell what is good. undefined where there is nothing: `responseReady` may reject.
 */
async function answerOf(record: BackgroundFetchRecord | undefined): Promise<Response | undefined> {
  return (
    record &&
    withLimit(
      record.responseReady.catch(() => undefined),
      LONGEST_WAIT_MS,
    )
  );
}

/** Faults of storage end the salvage; faults of what arrived only mean that it has to be fetched again. */
function rethrowOurs(error: unknown): void {
  if (error instanceof QuotaError || error instanceof StorageError || error instanceof RemovedError)
    throw error;
  if (!(error instanceof StowawayError) && !(error instanceof DOMException) && !(error instanceof TypeError))
    throw error;
}

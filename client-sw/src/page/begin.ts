/**
 * Begins a download, or goes on with one: plans from what is stored, picks the transport, checks room, writes the
 * ledger, and only then lets bytes move. Nothing here waits for the network (where something is stored already it does,
 * for the small piece index), nor for a person unless room is short, so that a click is still a click when Background Fetch is asked.
 */
import { serverOf } from '../core/address.ts';
import { findSelection } from '../core/assets.ts';
import type { Plan } from '../core/plan.ts';
import { prefersPieces } from '../core/policy.ts';
import { RemovedError } from '../errors/removed-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { BackgroundFetchManager, CapableRegistration } from '../protocol/background-fetch.ts';
import type { Transport } from '../protocol/download.ts';
import type { Database } from '../storage/database.ts';
import { loadDownload } from '../storage/downloads.ts';
import { registerDownload } from '../storage/register-download.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { announceChange, change, changeToFailed } from '../transport/change.ts';
import { obstacleNow } from '../transport/conditions.ts';
import type { Environment } from '../transport/environment.ts';
import { loadInventory, planInventory } from '../transport/inventory.ts';
import { withLimit } from '../transport/limit.ts';
import { verifyManifest } from '../transport/verify-manifest.ts';
import { abortBackgroundFetch, backgroundFetchOf } from './background-fetch.ts';
import { chooseTransport } from './choose-transport.ts';
import { noteBegun } from './end-forgotten.ts';
import { askToPersist } from './room.ts';
import { startBackgroundFetch } from './start-background-fetch.ts';
import { fetchMissingLists, takeInventory } from './take-inventory.ts';

/** A permission that is asked for and never given must not stop a download. */
const LONGEST_START_MS = 20_000;

/**
 * @param signal says that the person has given it up: then nothing is begun any more
 * @returns the record as written: `downloading`, also when everything is stored already (the driver finds that out); where it was
 * given up what the ledger has, as it is
 * @throws RemovedError when it was given up and the ledger has nothing, ManifestError when the manifest is not the one that its
 * digest names, QuotaError, StorageError, and `unsupported` when a forced Background Fetch is not to be had
 */
export async function beginDownload(
  environment: Environment,
  registration: CapableRegistration | undefined,
  wanted: Transport | 'auto',
  record: DownloadRecord,
  signal: AbortSignal,
): Promise<DownloadRecord> {
  await verifyManifest(record.manifest);
  if (signal.aborted) return asItIs(environment.db, record.id);
  // Not awaited where there is room: some browsers ask the person, who may not answer.
  const asked = askToPersist(signal);
  const obstacle = await obstacleNow(record.policy);
  // Over a network that may not be used nothing is asked.
  const inventory = await (obstacle
    ? loadInventory(environment.db, record)
    : takeInventory(environment, record));
  const manager = backgroundFetchOf(registration);
  const { delivery } = record.manifest.download;
  const whole = planInventory(inventory, delivery === 'parts' ? 'parts' : 'assets');
  const transport =
    whole.requests.length === 0 || obstacle
      ? 'pieces'
      : await chooseTransport({
          wanted,
          manager,
          piecesPreferred: prefersPieces(delivery, record.policy),
          bytesToFetch: whole.bytesToFetch,
          isUpdate: record.kept !== undefined,
          asked,
          signal,
        });
  if (!transport || signal.aborted) return asItIs(environment.db, record.id);
  const pauseReason = transport === 'progressive' ? transport : obstacle;

  const begun: DownloadRecord = {
    ...record,
    state: pauseReason ? 'paused' : 'downloading',
    pauseReason,
    attempts: 0,
    error: undefined,
    transport,
    bytesStored: whole.bytesStored,
    bytesBeforeFetch: whole.bytesStored,
    backgroundFetchId: transport === 'background-fetch' ? fetchOptions(record).id : undefined,
    updatedAt: Date.now(),
  };
  await registerDownload(environment.db, begun, inventory.assets, inventory.blobs.values());
  announceChange(environment, begun);
  if (transport === 'progressive') await loadLists(environment, begun);
  if (transport !== 'background-fetch' || !manager) return begun;
  return startOrFallBack(environment, manager, begun, whole, wanted);
}

async function asItIs(db: Database, id: string): Promise<DownloadRecord> {
  const now = await loadDownload(db, id);
  if (!now) throw new RemovedError(id);
  return now;
}

/** What is played is kept in pieces: the worker has to know them. Without them it plays all the same. */
async function loadLists(environment: Environment, record: DownloadRecord): Promise<void> {
  try {
    await fetchMissingLists(environment, record);
  } catch (error) {
    console.info(`stowaway: nothing that is played of ${record.id} is kept`, error);
  }
}

async function startOrFallBack(
  environment: Environment,
  manager: BackgroundFetchManager,
  record: DownloadRecord,
  plan: Plan,
  wanted: Transport | 'auto',
): Promise<DownloadRecord> {
  try {
    await withPatience(
      manager,
      record.backgroundFetchId,
      startBackgroundFetch(manager, record, plan, fetchOptions(record)),
    );
  } catch (cause) {
    if (wanted === 'background-fetch') {
      const error = new StowawayError('unsupported', `Background Fetch was refused: ${String(cause)}`, {
        cause,
      });
      await changeToFailed(environment, record.id, error);
      throw error;
    }
    console.info('stowaway: Background Fetch was refused, fetching pieces instead.', cause);
    const rest = { transport: 'pieces', backgroundFetchId: undefined } as const;
    if (await isAsBegun(environment.db, record))
      await change(environment, record.id, { type: 'start' }, rest);
    return asItIs(environment.db, record.id);
  }
  noteBegun(fetchOptions(record).id);
  // Whoever pressed pause or cancel meanwhile found no fetch to abort yet.
  if (!(await isAsBegun(environment.db, record)))
    await abortBackgroundFetch(manager, record.backgroundFetchId);
  return asItIs(environment.db, record.id);
}

/** Not when it waits, is gone, or is the release again that an update was to replace. */
async function isAsBegun(db: Database, { id, backgroundFetchId }: DownloadRecord): Promise<boolean> {
  const now = await loadDownload(db, id);
  return now?.backgroundFetchId === backgroundFetchId && now?.pauseReason === undefined;
}

/** A browser that neither starts nor refuses: what it may start after all ends at once. */
async function withPatience(
  manager: BackgroundFetchManager,
  id: string | undefined,
  starting: Promise<void>,
): Promise<void> {
  const started = starting.then(() => true);
  if (await withLimit(started, LONGEST_START_MS)) return;
  starting.then(
    () => abortBackgroundFetch(manager, id),
    (error) => console.info('stowaway: the late Background Fetch was refused', error),
  );
  throw new DOMException('the browser did not start it in time', 'TimeoutError');
}

/** The manifest's options; the id also names a server that is not this origin's. */
function fetchOptions({ manifest, manifestUrl, selection }: DownloadRecord) {
  const options = findSelection(manifest, selection).backgroundFetch;
  const server = serverOf(manifestUrl);
  return server === undefined ? options : { ...options, id: `${options.id}@${server}` };
}

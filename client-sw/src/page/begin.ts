/**
 * Begins a download, or goes on with one: plans from what is stored, picks the transport, checks room, writes the
 * ledger, and only then lets bytes move. Nothing here waits for the network (an update does, for its small piece
 * index), so that a click is still a click when Background Fetch is asked.
 */
import { findSelection } from '../core/assets.ts';
import type { Plan } from '../core/plan.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { BackgroundFetchManager, CapableRegistration } from '../protocol/background-fetch.ts';
import type { Transport } from '../protocol/download.ts';
import { registerDownload } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { announceChange, change } from '../transport/change.ts';
import type { Environment } from '../transport/environment.ts';
import { finish } from '../transport/finish.ts';
import { planInventory } from '../transport/inventory.ts';
import { backgroundFetchOf, startBackgroundFetch } from './background-fetch.ts';
import { askToPersist, findShortage } from './room.ts';
import { takeInventory } from './take-inventory.ts';

/**
 * @returns the record as written: `downloading`, or `complete` when everything was stored already
 * @throws QuotaError, StorageError, and `unsupported` when a forced Background Fetch is not to be had
 */
export async function beginDownload(
  environment: Environment,
  registration: CapableRegistration | undefined,
  wanted: Transport | 'auto',
  record: DownloadRecord,
): Promise<DownloadRecord> {
  const inventory = await takeInventory(environment, record);
  const manager = backgroundFetchOf(registration);
  const { delivery } = record.manifest.download;
  const whole = planInventory(inventory, delivery === 'parts' ? 'parts' : 'assets');
  const transport = await chooseTransport(wanted, manager, delivery === 'pieces', whole);

  const begun: DownloadRecord = {
    ...record,
    state: 'downloading',
    pauseReason: undefined,
    error: undefined,
    transport,
    bytesStored: whole.bytesStored,
    backgroundFetchId: transport === 'background-fetch' ? fetchOptions(record).id : undefined,
    updatedAt: Date.now(),
  };
  await registerDownload(environment.db, begun, inventory.assets);
  askToPersist();
  if (whole.requests.length === 0) {
    await finish(environment, record.id);
    return { ...begun, state: 'complete', bytesStored: begun.bytesTotal };
  }
  announceChange(environment, begun);
  if (transport === 'pieces' || !manager) return begun;
  return startOrFallBack(environment, manager, begun, whole, wanted);
}

async function chooseTransport(
  wanted: Transport | 'auto',
  manager: BackgroundFetchManager | undefined,
  piecesPreferred: boolean,
  plan: Plan,
): Promise<Transport> {
  if (wanted === 'background-fetch' && !manager) {
    throw new StowawayError(
      'unsupported',
      'This browser (or this page, without its service worker) has no Background Fetch.',
    );
  }
  const first = wanted !== 'auto' ? wanted : manager && !piecesPreferred ? 'background-fetch' : 'pieces';
  const shortage = await findShortage(plan.bytesToFetch, first);
  if (!shortage) return first;
  // Pieces need a third of the room.
  if (wanted === 'auto' && first === 'background-fetch' && !(await findShortage(plan.bytesToFetch, 'pieces')))
    return 'pieces';
  throw shortage;
}

async function startOrFallBack(
  environment: Environment,
  manager: BackgroundFetchManager,
  record: DownloadRecord,
  plan: Plan,
  wanted: Transport | 'auto',
): Promise<DownloadRecord> {
  try {
    await startBackgroundFetch(manager, record, plan, fetchOptions(record));
    return record;
  } catch (cause) {
    if (wanted === 'background-fetch') {
      const error = new StowawayError('unsupported', `Background Fetch was refused: ${String(cause)}`, {
        cause,
      });
      await change(environment, record.id, {
        type: 'fail',
        error: { code: error.code, message: error.message },
      });
      throw error;
    }
    console.info('stowaway: Background Fetch was refused, fetching pieces instead.', cause);
    const rest = { transport: 'pieces', backgroundFetchId: undefined } as const;
    return (await change(environment, record.id, { type: 'start' }, rest)) ?? record;
  }
}

function fetchOptions({ manifest, selection }: DownloadRecord) {
  return findSelection(manifest, selection).backgroundFetch;
}

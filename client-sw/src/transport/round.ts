/**
 * One try of the pieces transport: asks for everything that is missing, a few requests at a time, and stores what
 * verifies. Decides nothing about repeating; `drive.ts` does.
 */
import { partUrl } from '../core/address.ts';
import { type PlannedRequest, wantedRuns } from '../core/plan.ts';
import { IntegrityError } from '../errors/integrity-error.ts';
import { asNetworkError } from '../errors/network-error.ts';
import { RemovedError } from '../errors/removed-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { ErrorCode } from '../protocol/download.ts';
import { loadStored } from '../storage/pieces.ts';
import type { BlobRecord, DownloadRecord } from '../storage/schema.ts';
import { obstacleNow } from './conditions.ts';
import type { Environment } from './environment.ts';
import { fetchPieces } from './fetch-pieces.ts';
import { type Inventory, loadInventory, planInventory } from './inventory.ts';
import { withRunLock } from './lock.ts';
import { fetchPieceLists } from './piece-lists.ts';
import { Progress } from './progress.ts';
import { storeBody } from './store-body.ts';

export interface RoundOutcome {
  /** Nothing is missing any longer. */
  complete: boolean;
  /** At least one byte was verified that was not there before. */
  progressed: boolean;
  /** The first thing that went wrong. */
  error?: StowawayError;
}

/** Faults of one asset; anything else stops the round, because the next request would meet it too. */
const LOCAL_FAULTS: readonly ErrorCode[] = ['not-found', 'damaged'];

type PartRequest = Extract<PlannedRequest, { kind: 'part' }>;

/**
 * Runs one round. Rejects only with RemovedError and with what is no fault of network or storage.
 * @param onNews called for each stored piece
 */
export async function runRound(
  environment: Environment,
  record: DownloadRecord,
  signal: AbortSignal,
  onNews: () => void,
): Promise<RoundOutcome> {
  const outcome: RoundOutcome = { complete: false, progressed: false };
  const news = () => {
    outcome.progressed = true;
    onNews();
  };
  try {
    const inventory = await loadWithLists(environment, record, signal);
    const { requests, bytesStored } = planInventory(inventory, 'pieces');
    const progress = new Progress(environment, record.id, inventory, bytesStored);
    const queue = requests.filter((request): request is PartRequest => request.kind === 'part');
    let stopped = false;
    const stop = () => {
      stopped = true;
      queue.length = 0;
    };
    const work = async () => {
      for (let part = queue.shift(); part && !signal.aborted; part = queue.shift()) {
        // The driver says why, and waits.
        if (await obstacleNow(record.policy)) return stop();
        try {
          await fetchPart(environment, inventory, part, progress, signal, news);
        } catch (cause) {
          const error = expected(cause, queue);
          outcome.error ??= error;
          if (!LOCAL_FAULTS.includes(error.code)) queue.length = 0;
        }
      }
    };
    const crew = await Promise.allSettled(Array.from({ length: environment.concurrency }, work));
    await progress.flush();
    for (const member of crew) if (member.status === 'rejected') throw member.reason;
    // A browser may have taken away meanwhile what was stored when the round began.
    if (!outcome.error && !signal.aborted && !stopped) outcome.complete = await isWhole(environment, record);
  } catch (cause) {
    outcome.error ??= expected(cause);
  }
  return outcome;
}

async function isWhole({ db }: Environment, record: DownloadRecord): Promise<boolean> {
  return planInventory(await loadInventory(db, record), 'pieces').requests.length === 0;
}

/** The faults that a round reports. Anything else ends it, for the whole crew. */
function expected(cause: unknown, queue?: PartRequest[]): StowawayError {
  if (cause instanceof StowawayError && !(cause instanceof RemovedError)) return cause;
  if (queue) queue.length = 0;
  throw cause;
}

async function loadWithLists(
  environment: Environment,
  record: DownloadRecord,
  signal: AbortSignal,
): Promise<Inventory> {
  const inventory = await loadInventory(environment.db, record);
  const missing = planInventory(inventory, 'pieces').requests.find((request) => request.kind === 'index');
  if (!missing) return inventory;
  await fetchPieceLists(environment.db, record, missing.url, signal);
  return loadInventory(environment.db, record);
}

/** Asks for what of a part is not stored: a player, or a worker that salvages, may have stored some of it since the plan. */
async function fetchPart(
  environment: Environment,
  inventory: Inventory,
  part: PartRequest,
  progress: Progress,
  signal: AbortSignal,
  onNews: () => void,
): Promise<void> {
  const blob = inventory.blobs.get(part.hex);
  const asset = inventory.assets.find(({ hex }) => hex === part.hex);
  if (!blob || !asset) return;
  const pieces = blob.pieces.slice(part.first, part.last + 1);
  await withRunLock(blob, part.first, signal, async () => {
    const stored = await loadStored(environment.db, pieces);
    for (const piece of pieces) {
      if (!stored.has(piece.sha256)) continue;
      progress.receive(piece.length);
      if (progress.store(piece)) onNews();
    }
    const missing = (i: number) => !stored.has(blob.pieces[i]?.sha256 ?? '');
    for (const [first, last] of wantedRuns(part.first, part.last, missing)) {
      const run = { url: asset.url, first, last };
      await fetchRun(environment, blob, run, progress, signal, onNews);
    }
  });
}

/** Stores what arrives right; what was stored before a break stays. */
async function fetchRun(
  environment: Environment,
  blob: BlobRecord,
  { url, first, last }: { url: string; first: number; last: number },
  progress: Progress,
  signal: AbortSignal,
  onNews: () => void,
): Promise<void> {
  const answer = await fetchPieces(url, blob, first, last, signal);
  let inFlight = 0;
  try {
    const { verified } = await storeBody(environment.db, blob, first, last, answer.body, {
      onBytes: (bytes) => {
        answer.touch();
        inFlight += bytes;
        progress.receive(bytes);
      },
      onPiece: (piece) => {
        inFlight -= piece.length;
        if (progress.store(piece)) onNews();
      },
    });
    if (verified < last - first + 1) throw new IntegrityError(partUrl(url, first, last));
  } catch (cause) {
    if (cause instanceof StowawayError) throw cause;
    throw asNetworkError(cause, url);
  } finally {
    answer.release();
    progress.receive(-inFlight);
  }
}

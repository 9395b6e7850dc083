/**
 * One try of the pieces transport: asks for everything that is missing, a few requests at a time, and stores what
 * verifies. Decides nothing about repeating; `drive.ts` does.
 */
import type { PlannedRequest } from '../core/plan.ts';
import { IntegrityError } from '../errors/integrity-error.ts';
import { asNetworkError } from '../errors/network-error.ts';
import { RemovedError } from '../errors/removed-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { ErrorCode } from '../protocol/download.ts';
import { loadStored } from '../storage/pieces.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import type { Environment } from './environment.ts';
import { fetchWhole } from './fetch-whole.ts';
import { type Inventory, loadInventory, planInventory } from './inventory.ts';
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
    const work = async () => {
      for (let part = queue.shift(); part && !signal.aborted; part = queue.shift()) {
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
    outcome.complete = !outcome.error && !signal.aborted;
  } catch (cause) {
    outcome.error ??= expected(cause);
  }
  return outcome;
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

/** Stores what arrives right; what was stored before a break stays. */
async function fetchPart(
  environment: Environment,
  inventory: Inventory,
  part: PartRequest,
  progress: Progress,
  signal: AbortSignal,
  onNews: () => void,
): Promise<void> {
  const blob = inventory.blobs.get(part.hex);
  if (!blob) return;
  const pieces = blob.pieces.slice(part.first, part.last + 1);
  // Another context (a worker that salvages a Background Fetch) may have stored them since the plan was made.
  if ((await loadStored(environment.db, pieces)).size === new Set(pieces.map((piece) => piece.sha256)).size) {
    for (const piece of pieces) {
      progress.receive(piece.length);
      if (progress.store(piece)) onNews();
    }
    return;
  }
  const answer = await fetchWhole(part.url, signal);
  let inFlight = 0;
  try {
    const { verified } = await storeBody(environment.db, blob, part.first, part.last, answer.body, {
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
    if (verified < pieces.length) throw new IntegrityError(part.url);
  } catch (cause) {
    if (cause instanceof StowawayError) throw cause;
    throw asNetworkError(cause, part.url);
  } finally {
    answer.release();
    progress.receive(-inFlight);
  }
}

/**
 * Keeps this page's part of every unfinished download running: follows Background Fetches, drives pieces, stops what
 * another tab stops. Starting twice is harmless.
 */
import { isUnfinished } from '../core/state.ts';
import type { CapableRegistration } from '../protocol/background-fetch.ts';
import type { Download, DownloadState } from '../protocol/download.ts';
import { NAME_PREFIX, type WorkerMessage } from '../protocol/messages.ts';
import { loadDownload, loadDownloads } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { announceChange, changeToFailed } from '../transport/change.ts';
import type { Environment } from '../transport/environment.ts';
import { waitForRetry } from '../transport/wait.ts';
import { backgroundFetchOf } from './background-fetch.ts';
import type { Standstill } from './follow-background-fetch.ts';
import { loadEngine } from './load-engine.ts';

/** How long the worker may take to wake up for a Background Fetch that is over. */
const WORKER_PATIENCE_MS = 20_000;
const LEDGER_INTERVAL_MS = 300;
/** Chromium tells of every 64 KiB; nobody can see that. */
const SHORTEST_INTERVAL_MS = 200;
/** How often what has arrived whole of a running Background Fetch is stored. */
const KEEP_INTERVAL_MS = 3_000;

type Engine = Awaited<ReturnType<typeof loadEngine>>;

export class Runner {
  readonly #environment: Environment;
  /** This page's own listeners only: every tab follows a Background Fetch by itself. */
  readonly #tellHere: Environment['announce'];
  readonly #running = new Map<string, AbortController>();
  /** The last state heard of each download: a Background Fetch may still tell progress after its end is known. */
  readonly #states = new Map<string, DownloadState>();
  registration: CapableRegistration | undefined;

  constructor(environment: Environment, tellHere: Environment['announce']) {
    this.#environment = environment;
    this.#tellHere = tellHere;
  }

  /** Picks up every download that is not finished and that nobody has paused. */
  async runAll(): Promise<void> {
    for (const record of await loadDownloads(this.#environment.db)) {
      if (isUnfinished(record)) this.run(record.id);
    }
  }

  run(id: string): void {
    if (this.#running.has(id)) return;
    const controller = new AbortController();
    this.#running.set(id, controller);
    this.#carry(id, controller.signal)
      .catch((error) => {
        console.error(`stowaway: download ${id} stopped`, error);
        return changeToFailed(this.#environment, id, error);
      })
      .finally(() => {
        if (this.#running.get(id) === controller) this.#running.delete(id);
      });
  }

  /** The worker has been found: it goes on with what this page has begun before, too. */
  registerSyncs(): void {
    for (const id of this.#running.keys()) this.#registerSync(id);
  }

  /** Stops this page's part. */
  stop(id: string): void {
    this.#running.get(id)?.abort();
    this.#running.delete(id);
  }

  /** A change, whoever made it. */
  observe({ id, state }: Download): void {
    this.#states.set(id, state);
  }

  /** A change that another context made. */
  notice({ id, state, transport }: Download): void {
    const begun = state === 'downloading' || state === 'damaged';
    if (begun || (state === 'verifying' && transport === 'background-fetch')) this.run(id);
  }

  /** The page goes away: where the browser has no Background Sync, the worker carries on as long as it is let. */
  handOver(): void {
    for (const id of this.#running.keys()) {
      this.stop(id);
      if (!this.registration?.sync) this.#wakeWorker(id);
    }
  }

  #wakeWorker(id: string): void {
    this.registration?.active?.postMessage({ type: 'stowaway-resume', id } satisfies WorkerMessage);
  }

  async #carry(id: string, signal: AbortSignal): Promise<void> {
    const engine = await this.#loadEngine(id);
    const record = await loadDownload(this.#environment.db, id);
    if (!record || !isUnfinished(record)) return;
    if (engine && record.transport === 'background-fetch' && (await this.#follow(engine, record, signal)))
      return;
    if (signal.aborted) return;
    await this.#registerSync(id);
    await engine?.driveDownload(this.#environment, id, signal);
  }

  /** Undefined: this page's engine is not to be had any more, and the worker goes on with its own. */
  async #loadEngine(id: string) {
    try {
      return await loadEngine();
    } catch (error) {
      if (!this.registration?.active) throw error;
      console.info(`stowaway: the worker goes on with ${id}`, error);
      this.#wakeWorker(id);
      return undefined;
    }
  }

  /** True when the download is settled once the fetch is over; false when it is this page's turn (at the lock). */
  async #follow(engine: Engine, record: DownloadRecord, signal: AbortSignal): Promise<boolean> {
    const manager = backgroundFetchOf(this.registration);
    const fetchId = record.backgroundFetchId;
    if (!manager || fetchId === undefined) return false;
    const environment = this.#environment;
    const here = { ...environment, announce: this.#tellHere };
    // A record of an older version does not say what was there before: then less may be shown, and never too much.
    const { bytesStored, bytesBeforeFetch = 0 } = record;
    let lastMs = 0;
    let lastKeptMs = performance.now();
    this.#states.set(record.id, record.state);
    const keep = async () => {
      lastKeptMs = Number.POSITIVE_INFINITY;
      await lookAfter(record, () => engine.keepArrived(environment, manager, record));
      lastKeptMs = performance.now();
    };
    const onProgress = (bytes: number) => {
      const moving = !signal.aborted && this.#states.get(record.id) === 'downloading';
      if (!moving || performance.now() - lastMs < SHORTEST_INTERVAL_MS) return;
      lastMs = performance.now();
      announceChange(here, record, bytesBeforeFetch + bytes - bytesStored);
      if (performance.now() - lastKeptMs >= KEEP_INTERVAL_MS) keep();
    };
    const onStill = async (standstill: Standstill) => {
      // By itself: what cannot be kept is no reason to let a fetch stand.
      await keep();
      return lookAfter(record, () => engine.endForgotten(environment, manager, record, standstill));
    };
    for (let patience = 0; !signal.aborted && patience < WORKER_PATIENCE_MS; patience += LEDGER_INTERVAL_MS) {
      if (await engine.followBackgroundFetch(manager, fetchId, onProgress, onStill, signal)) patience = 0;
      if (signal.aborted) return true;
      // Over, or not begun: the worker takes the lock and verifies, or the tab that was clicked is about to start it.
      // Driving here before that would fetch everything again.
      const now = await loadDownload(environment.db, record.id);
      if (!now || !isUnfinished(now)) return true;
      if (now.state === 'verifying' || now.backgroundFetchId !== fetchId) return false;
      await waitForRetry(LEDGER_INTERVAL_MS, signal);
    }
    return false;
  }

  async #registerSync(id: string): Promise<void> {
    try {
      await this.registration?.sync?.register(NAME_PREFIX + id);
    } catch (error) {
      console.info(`stowaway: no Background Sync for ${id}; the next visit goes on instead.`, error);
    }
  }
}

/** Never rejects: the end of the fetch looks again. */
async function lookAfter<T>({ id }: DownloadRecord, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    console.info(`stowaway: cannot look after ${id}`, error);
    return undefined;
  }
}

/** The page library: keeps the promises of `api.ts` with ledger, transports and worker. */
import { downloadId, EVERYTHING, manifestUrl, serverOf, tagOf, withSlash } from '../core/address.ts';
import { isUnfinished } from '../core/state.ts';
import { RemovedError } from '../errors/removed-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { CapableRegistration } from '../protocol/background-fetch.ts';
import type { Download, DownloadEvent, DownloadState } from '../protocol/download.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { type ChannelMessage, NAME_PREFIX } from '../protocol/messages.ts';
import { Database } from '../storage/database.ts';
import { describe, loadDownload, loadDownloads } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { announceChange, announceRemoved, change } from '../transport/change.ts';
import { type Environment, openChannel } from '../transport/environment.ts';
import { waitForRetry } from '../transport/wait.ts';
import type {
  DownloadEstimate,
  Downloads,
  DownloadsOptions,
  StartOptions,
  UpdateOptions,
  Verification,
} from './api.ts';
import { abortBackgroundFetch, backgroundFetchOf } from './background-fetch.ts';
import { draftDownload, draftUpdate, isSameRelease } from './draft.ts';
import { type HistoryEntry, remember } from './history.ts';
import { loadEngine } from './load-engine.ts';
import { loadUpkeep } from './load-upkeep.ts';
import { Manifests } from './manifests.ts';
import { findRegistration } from './registration.ts';
import { Runner } from './runner.ts';

const LOOK_AGAIN_MS = 1_000;
const WORKER_PATIENCE_MS = 20_000;

/** States in which somebody has begun a download, so that nobody else need. */
const BEGUN: Partial<Record<DownloadState, true>> = { downloading: true, verifying: true, complete: true };

/**
 * Makes the page's handle on all downloads of this origin. One per page is enough; several are harmless.
 *
 * ```js
 * const downloads = createDownloads();
 * await downloads.ready;
 * const manifest = await downloads.load('field-recording');
 * button.onclick = () => downloads.start('field-recording', { manifest });
 * ```
 */
export function createDownloads(options: DownloadsOptions = {}): Downloads {
  return new PageDownloads(options);
}

class PageDownloads implements Downloads {
  readonly ready: Promise<void>;
  readonly #options: DownloadsOptions;
  readonly #environment: Environment;
  readonly #manifests: Manifests;
  readonly #runner: Runner;
  /** Downloads that this page has told somebody of. */
  readonly #shown = new Set<string>();
  readonly #listeners = new Set<(event: DownloadEvent) => void>();
  readonly #channel: ReturnType<typeof openChannel>;
  readonly #closing = new AbortController();
  /** Downloads that are being begun: a second click means the first. */
  readonly #beginning = new Map<string, { begun: Promise<Download>; controller: AbortController }>();
  #registration: CapableRegistration | undefined;
  readonly server: string;
  /** The last states told of, for a diagnosis. */
  readonly #history: HistoryEntry[] = [];

  constructor(options: DownloadsOptions) {
    this.#options = options;
    this.server = withSlash(new URL(options.server ?? '/', location.href));
    this.#channel = openChannel((message) => this.#hear(message));
    const tellHere = (message: ChannelMessage) => this.#tell(message);
    this.#environment = {
      db: new Database('stowaway', () => this.#lookAgain().catch(console.error)),
      concurrency: options.concurrency ?? 3,
      announce: (message) => {
        this.#channel.post(message);
        tellHere(message);
      },
    };
    this.#manifests = new Manifests(this.#environment.db);
    this.#runner = new Runner(this.#environment, tellHere);
    this.ready = this.#prepare();
  }

  get serviceWorker(): ServiceWorkerRegistration | undefined {
    return this.#registration;
  }

  load(tagOrManifestUrl: string): Promise<Manifest> {
    // Somebody may press a button soon: then what moves bytes is here, even if the server is away or newer by then.
    loadEngine().catch((error) => console.info('stowaway: not ready to download yet', error));
    return this.#manifests.load(this.#manifestUrl(tagOrManifestUrl));
  }

  async start(
    tagOrManifestUrl: string,
    { selection = EVERYTHING, manifest }: StartOptions = {},
  ): Promise<Download> {
    const url = this.#manifestUrl(tagOrManifestUrl);
    const current = manifest ?? this.#manifests.known(url) ?? (await this.#manifests.load(url));
    const draft = draftDownload(current, url, selection);
    const before = await loadDownload(this.#environment.db, draft.id);
    if (!before) return this.#begin(draft);
    if (!isSameRelease(before, draft)) return this.#begin(draftUpdate(before, draft));
    if (before.state === 'complete') return describe(before);
    if (before.state === 'stale') return this.update(before.id);
    // Where the engine is gone, the worker goes on with what it has.
    const engine = manifest && (await loadEngine().catch(() => undefined));
    const isFresh = manifest && (await engine?.takeGiven(this.#environment, before, manifest));
    if (isUnfinished(before) && before.state !== 'planned') {
      this.#runner.run(before.id);
      return describe(before);
    }
    return this.#begin(isFresh ? { ...before, manifest } : before, isFresh);
  }

  async pause(id: string): Promise<Download> {
    const record = await this.#changeOrThrow(id, { type: 'pause', reason: 'user' });
    await this.#stop(record);
    return describe(record);
  }

  async resume(id: string): Promise<Download> {
    const record = await this.#loadOrThrow(id);
    if (record.state === 'complete') return describe(record);
    if (record.state === 'stale') return this.update(record.id);
    if (record.state === 'paused' || record.state === 'failed') return this.#begin(record);
    this.#runner.run(record.id);
    return describe(record);
  }

  async cancel(id: string): Promise<void> {
    this.#giveUp(this.#fullId(id));
    const record = await this.#load(id);
    if (record?.state === 'complete') return;
    const restored =
      record?.kept && (await (await loadEngine()).restoreKept(this.#environment.db, record.id));
    if (!restored) return this.remove(id);
    await this.#stop(record);
    announceChange(this.#environment, restored);
  }

  async remove(id: string): Promise<void> {
    const fullId = this.#fullId(id);
    this.#giveUp(fullId);
    const { removeDownload } = await loadEngine();
    const record = await removeDownload(this.#environment.db, fullId);
    if (record) await this.#stop(record);
    announceRemoved(this.#environment, fullId);
  }

  idOf(tag: string, selection?: string): string {
    return downloadId(tag, selection, serverOf(this.#manifestUrl(tag)));
  }

  async update(id: string, { manifest }: UpdateOptions = {}): Promise<Download> {
    const before = await this.#loadOrThrow(id);
    const { manifestUrl: url, selection } = before;
    const current = manifest ?? (await this.#manifests.refresh(url));
    if (!isSameRelease(before, draftDownload(current, url, selection)))
      return this.start(url, { selection, manifest: current });
    if (before.state === 'stale')
      throw new StowawayError('expired', 'This release has expired, and there is no newer one.');
    return describe(before);
  }

  async verify(id: string): Promise<Verification> {
    const record = await this.#loadOrThrow(id);
    const { lookOver } = await loadUpkeep();
    const { bytesStored: _stored, ...found } = await lookOver(this.#environment, record, 'digests');
    this.#runner.run(record.id);
    return found;
  }

  async list(): Promise<Download[]> {
    return (await loadDownloads(this.#environment.db)).map((record) => this.#show(record));
  }

  async get(id: string): Promise<Download | undefined> {
    const record = await this.#load(id);
    return record && this.#show(record);
  }

  subscribe(listener: (event: DownloadEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async estimate(tagOrManifestUrl?: string, options: StartOptions = {}): Promise<DownloadEstimate> {
    const { estimateDownload, estimateStorage } = await loadUpkeep();
    const { db } = this.#environment;
    // Whoever names no tag is promised no more than storage: the overloads say so.
    if (tagOrManifestUrl === undefined) return (await estimateStorage(db)) as DownloadEstimate;
    const url = this.#manifestUrl(tagOrManifestUrl);
    const manifest = options.manifest ?? (await this.#manifests.load(url));
    const draft = draftDownload(manifest, url, options.selection ?? EVERYTHING);
    const { policy, transport } = this.#options;
    return estimateDownload(db, { ...draft, policy }, this.#registration, transport);
  }

  async diagnose(): Promise<string> {
    const { diagnose } = await loadUpkeep();
    const { server } = this;
    return diagnose({
      db: this.#environment.db,
      registration: this.#registration,
      server,
      history: this.#history,
    });
  }

  close(): void {
    this.#closing.abort();
    this.#runner.handOver();
    this.#channel.close();
    this.#listeners.clear();
  }

  async #prepare(): Promise<void> {
    const { signal } = this.#closing;
    addEventListener('online', () => this.#runAll(), { signal });
    addEventListener('pageshow', ({ persisted }) => persisted && this.#runAll(), { signal });
    addEventListener('pagehide', () => this.#runner.handOver(), { signal });
    const found = findRegistration(this.#options).then((registration) => {
      this.#registration = registration;
      this.#runner.registration = registration;
      this.#runner.registerSyncs();
    });
    // A worker that never becomes active must not keep the page from going on by itself.
    await Promise.race([found, waitForRetry(WORKER_PATIENCE_MS, signal)]);
    await this.#runAll();
    await this.#lookAfter(signal);
  }

  /** What is complete is looked over, and what waits for the network's price or the battery goes on in time. */
  async #lookAfter(signal: AbortSignal): Promise<void> {
    try {
      const { policy } = this.#options;
      if (!policy && !(await loadDownloads(this.#environment.db)).length) return;
      const { lookAfter } = await loadEngine();
      const findManager = () => backgroundFetchOf(this.#registration);
      await lookAfter(this.#environment, findManager, policy, () => this.#runAll(), signal);
    } catch (error) {
      console.error('stowaway: cannot look over downloads', error);
    }
  }

  async #runAll(): Promise<void> {
    try {
      await this.#runner.runAll();
    } catch (error) {
      console.error('stowaway: cannot pick up downloads', error);
    }
  }

  /** The browser has taken storage away, and perhaps what lay in it ("clear site data"): pages must not show what is gone. */
  async #lookAgain(): Promise<void> {
    // While it clears, nothing can be opened.
    await waitForRetry(LOOK_AGAIN_MS, this.#closing.signal);
    for (const id of this.#shown) {
      if (!(await this.get(id))) this.#tell({ type: 'removed', id, tag: tagOf(id) });
    }
  }

  #show(record: DownloadRecord): Download {
    this.#shown.add(record.id);
    return describe(record);
  }

  #hear(message: ChannelMessage): void {
    if (message.type === 'stop') {
      if (message.givenUp) this.#forgetBeginning(message.id);
      this.#runner.stop(message.id);
      return;
    }
    this.#tell(message);
    if (message.type === 'changed') this.#runner.notice(message.download);
  }

  #tell(message: ChannelMessage): void {
    if (message.type === 'stop') return;
    if (message.type === 'changed') {
      remember(this.#history, message.download);
      this.#shown.add(message.download.id);
      this.#runner.observe(message.download);
    }
    for (const listener of this.#listeners) listener(message);
  }

  #begin(record: DownloadRecord, isFresh?: boolean): Promise<Download> {
    const { id } = record;
    const before = this.#beginning.get(id);
    if (before) return before.begun;
    const controller = new AbortController();
    const begun = this.#beginAlone(record, controller.signal, isFresh).finally(() => {
      if (this.#beginning.get(id)?.controller === controller) this.#beginning.delete(id);
    });
    this.#beginning.set(id, { begun, controller });
    return begun;
  }

  async #beginAlone(record: DownloadRecord, signal: AbortSignal, isFresh?: boolean): Promise<Download> {
    if (!isSecureContext)
      throw new StowawayError('unsupported', 'Browsers keep downloads for https:// and localhost only.');
    const { id } = record;
    const { beginDownload } = await loadEngine();
    // One tab at a time: two fetches of one id would end each other, or bring everything twice.
    const begun = await navigator.locks.request(`${NAME_PREFIX}begin:${id}`, async () => {
      const now = await loadDownload(this.#environment.db, id);
      if (now && now.state in BEGUN && isSameRelease(now, record)) return now;
      // What the ledger had, and has no longer, was removed meanwhile; only a draft was never there.
      if (!now && record.state !== 'planned') throw new RemovedError(id);
      // A driver that waits for the network would move the same bytes beside a new Background Fetch.
      this.#halt(id);
      const { transport = 'auto', policy } = this.#options;
      const draft = { ...record, policy };
      return beginDownload(this.#environment, this.#registration, transport, draft, signal, isFresh);
    });
    this.#runner.run(id);
    return describe(begun);
  }

  /** Everywhere: here, in other tabs, in the worker, and in the browser's own download service. */
  async #stop(record: DownloadRecord): Promise<void> {
    this.#giveUp(record.id);
    await abortBackgroundFetch(backgroundFetchOf(this.#registration), record.backgroundFetchId);
  }

  /** Also where it is about to begin, and waits for a person's answer. */
  #giveUp(id: string): void {
    this.#forgetBeginning(id);
    this.#halt(id, true);
  }

  #forgetBeginning(id: string): void {
    this.#beginning.get(id)?.controller.abort();
    this.#beginning.delete(id);
  }

  #halt(id: string, givenUp = false): void {
    this.#runner.stop(id);
    this.#environment.announce({ type: 'stop', id, givenUp });
  }

  async #changeOrThrow(id: string, event: Parameters<typeof change>[2]): Promise<DownloadRecord> {
    const fullId = this.#fullId(id);
    const record = await change(this.#environment, fullId, event);
    return record ?? this.#throwRemoved(fullId);
  }

  async #loadOrThrow(id: string): Promise<DownloadRecord> {
    return (await this.#load(id)) ?? this.#throwRemoved(this.#fullId(id));
  }

  #load(id: string): Promise<DownloadRecord | undefined> {
    return loadDownload(this.#environment.db, this.#fullId(id));
  }

  /** `tag+selection` means this library's own server. */
  #fullId(id: string): string {
    return id.includes('@') ? id : this.idOf(...(id.split('+') as [string, string?]));
  }

  #throwRemoved(id: string): never {
    announceRemoved(this.#environment, id);
    throw new RemovedError(id);
  }

  #manifestUrl(tagOrManifestUrl: string): string {
    return manifestUrl(this.server, tagOrManifestUrl);
  }
}

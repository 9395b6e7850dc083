/**
 * The public shape of the page library. Types only; `downloads.ts` keeps these promises.
 */
import type { Download, DownloadEvent, Transport } from '../protocol/download.ts';
import type { Manifest } from '../protocol/manifest.ts';

/** Options of {@link createDownloads}. */
export interface DownloadsOptions {
  /** Base address of the Stowaway server. Default: this page's origin. */
  server?: string | URL;
  /**
   * The worker: its address (registered with scope `/` unless `scope` says otherwise), a registration that the site
   * made itself (or the promise of one, `navigator.serviceWorker.ready` for example), or `false` to do without one (then nothing plays offline, but bytes are fetched and kept).
   * Default `/sw.js`.
   */
  serviceWorker?: string | URL | ServiceWorkerRegistration | Promise<ServiceWorkerRegistration> | false;
  /** Scope for a worker given by address. */
  scope?: string;
  /** `auto` (default) prefers Background Fetch where there is one; the others force a transport. */
  transport?: Transport | 'auto';
  /** Requests in flight at once on the pieces transport. Default 3. */
  concurrency?: number;
}

/** Options of {@link Downloads.start}. */
export interface StartOptions {
  /** Id of one of the manifest's selections. Default `everything`. */
  selection?: string;
  /** A manifest that is already loaded, so that a click starts Background Fetch without waiting for the network. */
  manifest?: Manifest;
}

/** What the browser says about storage. Numbers are bytes; absent where the browser does not tell. */
export interface StorageEstimate {
  usage?: number;
  quota?: number;
  /** Whether the browser promised not to evict. */
  persisted?: boolean;
}

/** What {@link createDownloads} returns. Every promise rejects only with a `StowawayError`. */
export interface Downloads {
  /** Settles when storage and worker are as ready as they get; never rejects. Unfinished downloads have been picked up. */
  readonly ready: Promise<void>;
  /** The worker's registration, or undefined where there is none (known after `ready`). */
  readonly serviceWorker: ServiceWorkerRegistration | undefined;

  /** Loads (and remembers) a manifest: from the network, else as stored. Takes a tag or a manifest address. */
  load(tagOrManifestUrl: string): Promise<Manifest>;
  /**
   * Starts a download, or goes on with one. Call it inside a click: Background Fetch is refused otherwise, and the
   * pieces transport is used.
   * @throws QuotaError when it does not fit, ManifestError, NetworkError
   */
  start(tagOrManifestUrl: string, options?: StartOptions): Promise<Download>;
  /** Stops moving bytes and keeps all that is verified. */
  pause(id: string): Promise<Download>;
  /** Goes on after a pause or a failure; best inside a click. */
  resume(id: string): Promise<Download>;
  /** Gives up an unfinished download and deletes what only it needs. */
  cancel(id: string): Promise<void>;
  /** Deletes a download and every byte that no other download needs. */
  remove(id: string): Promise<void>;

  /** All downloads, oldest first. */
  list(): Promise<Download[]>;
  /** One download by id (`tag`, or `tag+selection`), or undefined. */
  get(id: string): Promise<Download | undefined>;
  /** Calls back on every change in any tab or the worker, until the returned function is called. */
  subscribe(listener: (event: DownloadEvent) => void): () => void;
  /** Storage used and left. */
  estimate(): Promise<StorageEstimate>;
  /** Lets go of channels and timers; running downloads go on in the worker or in other tabs. */
  close(): void;
}

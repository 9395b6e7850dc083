/**
 * The public shape of the page library. Types only; `downloads.ts` keeps these promises.
 */
import type { Policy } from '../core/policy.ts';
import type { Download, DownloadEvent, Transport } from '../protocol/download.ts';
import type { Manifest } from '../protocol/manifest.ts';

/** Options of {@link createDownloads}. */
export interface DownloadsOptions {
  /** Base address of the Stowaway server. Default: this page's origin. */
  server?: string | URL;
  /**
   * The worker: its address (registered with scope `/` unless `scope` says otherwise), a registration that the site
   * made itself, the promise of one (`navigator.serviceWorker.ready`, for example), or `false` to do without one: then
   * nothing plays offline, but bytes are fetched and kept. Default `/sw.js`.
   */
  serviceWorker?:
    | string
    | URL
    | ServiceWorkerRegistration
    | Promise<ServiceWorkerRegistration | undefined>
    | false;
  /** Scope for a worker given by address. */
  scope?: string;
  /**
   * `auto` (default) prefers Background Fetch where there is one, then pieces, and is `progressive` where there is no room for
   * the whole of a first download; the others force a transport.
   */
  transport?: Transport | 'auto';
  /** Requests in flight at once on the pieces transport. Default 3. */
  concurrency?: number;
  /** When downloads wait instead of moving bytes: metered networks, data saver, a low battery, the day. Default: never. */
  policy?: Policy;
}

/** Options of {@link Downloads.start}. */
export interface StartOptions {
  /** Id of one of the manifest's selections. Default `everything`. */
  selection?: string;
  /**
   * A manifest that is already loaded, so that a click starts Background Fetch without waiting for the network. Where the download is
   * begun already, the addresses of this manifest of the same release replace those that it has: load it again when signed ones run out.
   */
  manifest?: Manifest;
}

/** What {@link Downloads.verify} found. Bytes are numbers of bytes. */
export interface Verification {
  /** Stored pieces that were read and hashed. */
  piecesChecked: number;
  bytesChecked: number;
  /** Stored, and not what they must be. They are deleted. */
  piecesDamaged: number;
  /** Not stored. */
  piecesMissing: number;
  /** What is fetched again. */
  bytesToRepair: number;
}

/** Options of {@link Downloads.update}. */
export interface UpdateOptions {
  /** The tag's current manifest, where the page has it, so that a click starts Background Fetch without waiting. */
  manifest?: Manifest;
}

/** Storage of this origin. Numbers are bytes; absent where the browser does not tell. */
export interface StorageEstimate {
  /** What everything of this origin takes, as the browser counts it: rounded, late, and with its own overhead. */
  usage?: number;
  /** What the browser grants this origin. */
  quota?: number;
  /** Whether the browser promised not to evict. */
  persisted?: boolean;
  /** Verified content that this library keeps, counted to the byte; what several downloads share counts once. */
  stored: number;
}

/** What it would take to have a tag's current release here: a first download, the rest of one, or an update. */
export interface DownloadEstimate extends StorageEstimate {
  /** Number of the tag's current release: greater than that of a stored {@link Download} when there is an update. */
  release: number;
  /** The selection's exact total in bytes. */
  bytesTotal: number;
  /**
   * Bytes that must still be fetched. Exact for what is cut into known pieces; for files whose pieces are not known yet
   * it is their whole size, and the real figure may be smaller.
   */
  bytesToFetch: number;
  /** Bytes of room wanted while it runs: Background Fetch keeps copies of its own until they are verified. */
  roomNeeded: number;
  /** Whether that room is there; undefined where the browser does not tell. */
  fits: boolean | undefined;
}

/**
 * What {@link createDownloads} returns. Every promise rejects only with a {@link StowawayError}, whose `code` is stable:
 * any of them with `storage` or `quota-exceeded` when the browser refuses to write, and as said at each.
 */
export interface Downloads {
  /** Settles when storage and worker are as ready as they get; never rejects. Unfinished downloads have been picked up. */
  readonly ready: Promise<void>;
  /** The worker's registration, or undefined where there is none (known after `ready`). */
  readonly serviceWorker: ServiceWorkerRegistration | undefined;
  /** Base address of the Stowaway server, absolute. */
  readonly server: string;

  /**
   * Loads (and remembers) a manifest: from the network, else as stored. Do it before the click that starts a download.
   * @param tagOrManifestUrl a tag of the server, or the address of a manifest anywhere
   * @throws NetworkError when there is no answer and nothing stored; StowawayError `bad-manifest`
   */
  load(tagOrManifestUrl: string): Promise<Manifest>;
  /**
   * Starts a download, or goes on with one. Call it inside a click, and with a manifest that is loaded: Background Fetch
   * is refused otherwise, and pieces are fetched while a page is open. Resolves when bytes begin to move, not at the end.
   * Where it does not fit, it begins as `paused` for `progressive`, and {@link Downloads.resume} tries again.
   * @throws QuotaError when an update, or a forced transport, does not fit; NetworkError when the manifest does not come;
   * StowawayError `bad-manifest`, `unsupported` outside a secure context, or `not-downloaded` when it is cancelled or removed
   * before it has begun
   */
  start(tagOrManifestUrl: string, options?: StartOptions): Promise<Download>;
  /**
   * Stops moving bytes and keeps all that is verified.
   * @throws StowawayError `not-downloaded` when there is no such download
   */
  pause(id: string): Promise<Download>;
  /**
   * Goes on after a pause or a failure; best inside a click.
   * @throws StowawayError `not-downloaded`; else as {@link Downloads.start}
   */
  resume(id: string): Promise<Download>;
  /**
   * Gives up an unfinished download and deletes what only it needs. When it is an update, the release that was whole
   * before stays. Also one that is about to begin, while the browser asks the person whether data may be kept. Harmless when there
   * is none, or when it is complete: that is left as it is.
   */
  cancel(id: string): Promise<void>;
  /** Deletes a download and every byte that no other download needs. Harmless when there is none. */
  remove(id: string): Promise<void>;
  /**
   * Brings a download to its tag's current release, and fetches only what is new. Resolves as soon as bytes move, or at
   * once, unchanged, when it is current. {@link Downloads.estimate} tells beforehand whether there is anything to fetch.
   * @throws StowawayError `not-downloaded`; NetworkError when the server does not answer; else as {@link Downloads.start}
   */
  update(id: string, options?: UpdateOptions): Promise<Download>;
  /**
   * Reads everything that is stored of a download and compares digests. What is wrong is deleted; where something is
   * missing, a complete download becomes `damaged` and only the gaps are fetched. Downloads are looked over at every start
   * without reading them, and once a day the next 32 MiB of what is stored are read.
   * @throws StowawayError `not-downloaded`
   */
  verify(id: string): Promise<Verification>;

  /** All downloads, oldest first. */
  list(): Promise<Download[]>;
  /** One download, or undefined. Here and elsewhere `tag` and `tag+selection` mean this library's server. */
  get(id: string): Promise<Download | undefined>;
  /** The id that a download of this server's tag has; of every selection, when none is named. */
  idOf(tag: string, selection?: string): string;
  /** Calls back on every change in any tab or the worker, until the returned function is called. */
  subscribe(listener: (event: DownloadEvent) => void): () => void;
  /** Storage used and left. */
  estimate(): Promise<StorageEstimate>;
  /**
   * What it would take to have a tag's current release here.
   * @throws NetworkError, StowawayError `bad-manifest`
   */
  estimate(tagOrManifestUrl: string, options?: StartOptions): Promise<DownloadEstimate>;
  /**
   * A text that a person can paste into a bug report: browser, worker, room, the state of each download, and the last
   * errors. It names no title, tag, file, address or account; downloads are told apart by the start of their release's digest.
   */
  diagnose(): Promise<string>;
  /** Lets go of channels and timers; running downloads go on in the worker or in other tabs. */
  close(): void;
}

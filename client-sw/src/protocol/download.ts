/**
 * What the library says about a download: the same shape in page, worker and every tab. Types only.
 */

/** The life of a download. `cancelled` is only ever seen in the event that announces a removal. */
export type DownloadState =
  | 'planned'
  | 'downloading'
  | 'paused'
  | 'verifying'
  | 'complete'
  | 'failed'
  /** It was complete, and some of it is gone or wrong: it is repaired without being asked. The rest plays. */
  | 'damaged'
  /** Its release has expired: it does not play from storage until it is updated. */
  | 'stale'
  | 'cancelled';

/**
 * Why a download is paused. `offline`, `metered` (the network costs, or data are to be saved), `battery` and `schedule` (it
 * is not the hour) end by themselves: with a page open as soon as their reason does. With none, only Background Sync ends a wait for the
 * network, where the browser has it, and nothing one for the battery. `progressive`: nothing is fetched ahead, see
 * {@link Transport}.
 */
export type PauseReason = 'user' | 'browser' | 'offline' | 'metered' | 'battery' | 'schedule' | 'progressive';

/** Why a download failed; stable, for code and for translated messages. */
export type ErrorCode =
  | 'quota-exceeded'
  | 'network'
  | 'not-found'
  | 'forbidden'
  | 'server-error'
  | 'damaged'
  | 'bad-manifest'
  | 'storage'
  | 'unsupported'
  | 'not-downloaded'
  | 'expired'
  | 'internal';

/**
 * How bytes travel. `progressive` fetches nothing ahead: lessons play from the network, and what was played is kept as far as
 * there is room. It is for devices without the room for a download.
 */
export type Transport = 'background-fetch' | 'pieces' | 'progressive';

/** One download as the person who asked for it sees it. */
export interface Download {
  /**
   * `tag`, or `tag+selection` when the selection is not `everything`; with `@` and the server's address when that is not
   * this page's origin.
   */
  id: string;
  tag: string;
  /** Id of the manifest's selection. */
  selection: string;
  /** What its publisher calls it. */
  title: string;
  /** Number of the release that is here or on its way. */
  release: number;
  /** While an update runs: the older release that is whole, and stays playable. */
  availableRelease?: number;
  /** Absolute. */
  manifestUrl: string;
  state: DownloadState;
  /** While `paused`. */
  pauseReason?: PauseReason;
  /** While `failed`: `message` is for developers, in English. */
  error?: { code: ErrorCode; message: string };
  /** What moves its bytes now, or moved them last. */
  transport: Transport;
  /** The selection's exact total. */
  bytesTotal: number;
  /** Verified and stored. Only this survives. */
  bytesStored: number;
  /** Stored plus what is on its way; for a progress bar. Never above `bytesTotal`. */
  bytesReceived: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** The same, of the last change of state. */
  updatedAt: number;
}

/** What subscribers are told. */
export type DownloadEvent =
  | { type: 'changed'; download: Download }
  | { type: 'removed'; id: string; tag: string };

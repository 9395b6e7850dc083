/** The public shape of the elements. Types only. */
import type { Downloads } from '../api.ts';

/** Every text of the elements; replace any of them, or add a language, with `setMessages`. `{…}` is filled in. */
export interface Messages {
  download: string;
  downloadWithSize: string;
  pause: string;
  resume: string;
  cancel: string;
  remove: string;
  removeConfirm: string;
  keep: string;
  retry: string;
  complete: string;
  progress: string;
  preparing: string;
  verifying: string;
  still: string;
  pausedByUser: string;
  pausedByBrowser: string;
  pausedOffline: string;
  pausedMetered: string;
  pausedBattery: string;
  pausedSchedule: string;
  pausedProgressive: string;
  repairing: string;
  stale: string;
  renew: string;
  announceStarted: string;
  announceQuarter: string;
  announceComplete: string;
  announceRemoved: string;
  update: string;
  libraryEmpty: string;
  storageUsed: string;
  storageUnknown: string;
  persistAsk: string;
  persisted: string;
  persistRefused: string;
  reportCopy: string;
  reportCopied: string;
  reportHere: string;
  progressLabel: string;
  failed: string;
  errorQuota: string;
  errorNetwork: string;
  errorNotFound: string;
  errorForbidden: string;
  errorServer: string;
  errorDamaged: string;
  errorStorage: string;
  errorUnsupported: string;
  errorExpired: string;
  errorManifest: string;
}

/**
 * `<stowaway-download>`: a button that becomes a progress bar with pause, cancel, update and removal.
 *
 * ```html
 * <stowaway-download tag="field-recording"></stowaway-download>
 * <stowaway-download tag="field-recording" selection="audio" server="https://media.example.org"></stowaway-download>
 * ```
 *
 * Attributes: `tag` (required), `selection` (default `everything`), `server` (default: that of the page's instance, or this
 * page's origin), `lang` (default: nearest ancestor's).
 *
 * Event (bubbling, composed): `stowaway-change` with `detail: Download | undefined` whenever the shown state changes.
 *
 * Parts: `container`, `button`, `primary`, `progress`, `status`, `hint`, `error`.
 */
export interface StowawayDownloadMembers {
  /** The tag to download. */
  tag: string;
  /** The selection to download. */
  selection: string;
  /** The library instance in use. Set it to share one that the page made; otherwise one is made per server. */
  downloads: Downloads;
}

/**
 * `<stowaway-library>`: everything that this browser keeps, with a `<stowaway-download>` each, the room that it takes, and a
 * button that copies a report for support. Its content is shown while there is nothing.
 *
 * ```html
 * <stowaway-library href="/play?tag={tag}">Nothing here yet: <a href="/">find something</a>.</stowaway-library>
 * ```
 *
 * Attributes: `href` (where titles lead: `{tag}`, `{selection}` and `{id}` are filled in; default: nowhere), `server`, `lang`.
 *
 * Parts: `list`, `item`, `title`, `link`, `empty`, `storage`, `meter`, `button`.
 */
export interface StowawayLibraryMembers {
  /** Where titles lead. */
  href: string;
  /** The library instance in use. */
  downloads: Downloads;
}

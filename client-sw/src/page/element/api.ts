/**
 * The public shape of `<stowaway-download>`. Types only.
 *
 * ```html
 * <stowaway-download tag="field-recording"></stowaway-download>
 * <stowaway-download tag="field-recording" selection="audio" server="https://media.example.org"></stowaway-download>
 * ```
 *
 * Attributes: `tag` (required), `selection` (default `everything`), `server` (default: this page's origin),
 * `lang` (number format; default: nearest ancestor's).
 *
 * Events (bubbling, composed): `stowaway-change` with `detail: Download | undefined` whenever the shown state changes.
 *
 * CSS custom properties: `--stowaway-accent`, `--stowaway-on-accent`, `--stowaway-text`, `--stowaway-muted`,
 * `--stowaway-surface`, `--stowaway-border`, `--stowaway-track`, `--stowaway-danger`, `--stowaway-success`,
 * `--stowaway-radius`, `--stowaway-font`.
 *
 * Parts: `container`, `button`, `primary`, `progress`, `status`, `error`.
 */
import type { Downloads } from '../api.ts';

/** Every text of the element; replace any of them with `setMessages`. `{…}` is filled in. */
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
  pausedByUser: string;
  pausedByBrowser: string;
  pausedOffline: string;
  announceStarted: string;
  announceQuarter: string;
  announceComplete: string;
  announceRemoved: string;
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
  errorManifest: string;
}

/**
 * Module functions of `stowaway-client/element`:
 * - `useDownloads(downloads)`: all elements without an instance of their own share this one (call it once, at start).
 * - `setMessages(partial)`: replaces texts, for all elements.
 */

/** The element's own members beside those of HTMLElement. */
export interface StowawayDownloadMembers {
  /** The tag to download. */
  tag: string;
  /** The selection to download. */
  selection: string;
  /** The library instance in use. Set it to share one that the page made; otherwise one is made per server. */
  downloads: Downloads;
}

/** The element's texts: one English table, any entry of which a page may replace. */
import type { ErrorCode } from '../../protocol/download.ts';
import type { Messages } from './api.ts';

const ENGLISH: Messages = {
  download: 'Download',
  downloadWithSize: 'Download {size}',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  remove: 'Remove',
  removeConfirm: 'Remove {size} from this device?',
  keep: 'Keep',
  retry: 'Retry',
  complete: 'Available offline',
  progress: '{done} of {total}',
  preparing: 'Starting…',
  verifying: 'Checking what arrived…',
  pausedByUser: 'Paused',
  pausedByBrowser: 'Stopped in the browser',
  pausedOffline: 'Waiting for the network',
  announceStarted: 'Downloading {title}, {total}.',
  announceQuarter: '{title}: {percent} downloaded.',
  announceComplete: '{title} is available offline.',
  announceRemoved: '{title} was removed from this device.',
  progressLabel: 'Download of {title}',
  failed: 'The download stopped.',
  errorQuota: 'There is not enough room on this device. Free some space and try again.',
  errorNetwork: 'The server does not answer. Check the connection and try again.',
  errorNotFound: 'What this download needs is no longer there. Reload the page and try again.',
  errorForbidden: 'The server refuses this download. Sign in again and try again.',
  errorServer: 'The server has a problem. Try again in a while.',
  errorDamaged: 'A file keeps arriving damaged. Try again on another network.',
  errorStorage: 'The browser could not store the download. Leave private browsing, or free some space.',
  errorUnsupported: 'This page cannot keep downloads. Open it over https, in a current browser.',
  errorManifest: 'This download is described wrongly by its server.',
};

let current = ENGLISH;

/** Replaces texts for all elements of the page, for a translation or another tone. Call it before they are shown. */
export function setMessages(replaced: Partial<Messages>): void {
  current = { ...current, ...replaced };
}

/** A text with its `{…}` filled in. */
export function message(key: keyof Messages, values: Record<string, string> = {}): string {
  return current[key].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

const OF_ERROR: Partial<Record<ErrorCode, keyof Messages>> = {
  'quota-exceeded': 'errorQuota',
  network: 'errorNetwork',
  'not-found': 'errorNotFound',
  forbidden: 'errorForbidden',
  'server-error': 'errorServer',
  damaged: 'errorDamaged',
  storage: 'errorStorage',
  unsupported: 'errorUnsupported',
  'bad-manifest': 'errorManifest',
};

/** What a person is told of an error. */
export function errorMessage(code: ErrorCode): string {
  return message(OF_ERROR[code] ?? 'failed');
}

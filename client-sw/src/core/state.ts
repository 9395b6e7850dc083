/**
 * The life of one download, the same in page and worker. Pure: an event that does not fit the state changes nothing.
 *
 *   planned → downloading ↔ paused → verifying → complete, and failed from anywhere before complete.
 *   complete → damaged (some of it is gone or wrong) → downloading → complete
 *   complete → stale (its release has expired) → downloading, once it is renewed
 *
 * Cancelling is no state: the record goes, or the release comes back that an update was to replace.
 */
import type { Download, DownloadState, PauseReason } from '../protocol/download.ts';

export interface Status {
  state: DownloadState;
  pauseReason?: PauseReason | undefined;
  error?: Download['error'] | undefined;
}

export type StateEvent =
  /** A person or a page asks for bytes to move. */
  | { type: 'start' }
  /** Bytes came again after the network was away. */
  | { type: 'recover' }
  | { type: 'pause'; reason: PauseReason }
  /** Arrived bytes are being checked. */
  | { type: 'verify' }
  /** Checked, and some are missing. */
  | { type: 'continue' }
  | { type: 'complete' }
  | { type: 'fail'; error: NonNullable<Download['error']> }
  /** Something that was stored is gone, or is not what it was. */
  | { type: 'damage' }
  /** The release may no longer be played from storage. */
  | { type: 'expire' };

/** Event → states it may come in. */
const FROM: Record<StateEvent['type'], readonly DownloadState[]> = {
  start: ['planned', 'paused', 'failed', 'complete', 'downloading', 'verifying', 'damaged', 'stale'],
  recover: ['paused'],
  pause: ['planned', 'downloading', 'verifying', 'paused', 'damaged'],
  verify: ['planned', 'downloading'],
  continue: ['verifying'],
  complete: ['planned', 'downloading', 'verifying', 'paused', 'failed', 'damaged'],
  fail: ['planned', 'downloading', 'verifying', 'paused', 'damaged'],
  damage: ['complete'],
  expire: ['complete', 'damaged'],
};

/** Pauses that end by themselves: when the network is back, unmetered, the battery charged, or the hour come. */
const PASSING: readonly (PauseReason | undefined)[] = ['offline', 'metered', 'battery', 'schedule'];

/** The status after `event`, or undefined where it does not apply. */
export function nextStatus(now: Status, event: StateEvent): Status | undefined {
  if (!FROM[event.type].includes(now.state)) return undefined;
  // A pause that a person made is ended only by a person (or by there being nothing left to fetch).
  const waiting = now.state !== 'paused' || PASSING.includes(now.pauseReason);
  switch (event.type) {
    case 'start':
    case 'continue':
      return { state: 'downloading' };
    case 'recover':
      return waiting ? { state: 'downloading' } : undefined;
    case 'pause':
      if (event.reason !== 'user' && !waiting) return undefined;
      // Whoever pauses ends the Background Fetch, and the browser tells of that as if a person had done it in its list.
      if (event.reason === 'browser' && now.state === 'paused') return undefined;
      return { state: 'paused', pauseReason: event.reason };
    case 'verify':
      return { state: 'verifying' };
    case 'complete':
      return { state: 'complete' };
    case 'fail':
      return waiting ? { state: 'failed', error: event.error } : undefined;
    case 'damage':
      return { state: 'damaged' };
    case 'expire':
      return { state: 'stale' };
  }
}

/** Whether bytes of this download are to be moved without anybody asking again. */
export function isUnfinished({ state, pauseReason }: Status): boolean {
  return (
    state === 'planned' ||
    state === 'downloading' ||
    state === 'verifying' ||
    state === 'damaged' ||
    (state === 'paused' && PASSING.includes(pauseReason))
  );
}

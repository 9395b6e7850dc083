/** The last changes that a page heard of, without anything that says what is downloaded. For the diagnosis. */
import type { Download } from '../protocol/download.ts';

const MOST_ENTRIES = 40;

export interface HistoryEntry {
  /** Milliseconds since the epoch. */
  at: number;
  id: string;
  /** State, with the reason of a pause or a failure. */
  what: string;
}

/** Notes a change of state; progress is none. */
export function remember(history: HistoryEntry[], { id, state, pauseReason, error }: Download): void {
  const reason = pauseReason ?? error?.code;
  const what = reason ? `${state} (${reason})` : state;
  if (history.filter((entry) => entry.id === id).at(-1)?.what === what) return;
  if (history.push({ at: Date.now(), id, what }) > MOST_ENTRIES) history.shift();
}

// Remembers where each lesson was left, in localStorage. Positions are seconds; lessons are known by their identifier,
// so that a new release or a renamed file does not forget them.

import { asAmount, asRecord } from '../documents/json-reading.ts';

const STORAGE_KEY = 'stowaway.positions';
/** More lessons than this are not remembered: the ones left longest ago go first. */
const KEPT_POSITIONS = 500;
/** Nothing worth coming back to has been heard before this. */
const EARLIEST_RESUME_SECONDS = 3;
/** A lesson counts as finished this close to its end, or at 97 % of it, whichever is later. */
const CLOSING_SECONDS = 10;
const CLOSING_FRACTION = 0.97;

export interface Position {
  readonly seconds: number;
  readonly duration: number;
  /** When it was left, in milliseconds since 1970. */
  readonly leftAtMs: number;
}

export type PositionMap = Readonly<Record<string, Position>>;

/** Where to start again: 0 for what was hardly begun and for what was finished. */
export function decideResume(position: Position | undefined): number {
  if (position === undefined || position.seconds < EARLIEST_RESUME_SECONDS || isFinished(position)) return 0;
  return position.seconds;
}

/** Whether a lesson was heard to its end. */
export function isFinished(position: Position): boolean {
  const { seconds, duration } = position;
  return duration > 0 && seconds >= Math.max(duration - CLOSING_SECONDS, duration * CLOSING_FRACTION);
}

/** How far a lesson was heard, from 0 to 1. */
export function fractionOf(position: Position): number {
  return position.duration > 0 ? Math.min(1, position.seconds / position.duration) : 0;
}

/** `positions` with one more, and without the oldest where there are too many. */
export function withPosition(positions: PositionMap, identifier: string, position: Position): PositionMap {
  const entries = Object.entries({ ...positions, [identifier]: position });
  if (entries.length <= KEPT_POSITIONS) return Object.fromEntries(entries);
  entries.sort(([, left], [, right]) => right.leftAtMs - left.leftAtMs);
  return Object.fromEntries(entries.slice(0, KEPT_POSITIONS));
}

/** All remembered positions. Entries that another version or another script wrote differently are left out. */
export function loadPositions(storage: Storage = localStorage): PositionMap {
  const found = Object.entries(asRecord(parseJson(storage.getItem(STORAGE_KEY))) ?? {});
  return Object.fromEntries(
    found.flatMap(([identifier, value]) => {
      const entry = asRecord(value);
      const [seconds, duration, leftAtMs] = [entry?.seconds, entry?.duration, entry?.leftAtMs].map(asAmount);
      if (seconds === undefined || duration === undefined || leftAtMs === undefined) return [];
      return [[identifier, { seconds, duration, leftAtMs }]];
    }),
  );
}

/** Remembers one position. A browser that keeps nothing (a full or forbidden storage) plays on without. */
export function savePosition(identifier: string, position: Position, storage: Storage = localStorage): void {
  const positions = withPosition(loadPositions(storage), identifier, position);
  try {
    storage.setItem(STORAGE_KEY, JSON.stringify(positions));
  } catch (cause) {
    console.warn('Stowaway: this browser does not remember where you stopped.', cause);
  }
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    // Not ours, or cut short: as if nothing were there; the next save replaces it.
    return undefined;
  }
}

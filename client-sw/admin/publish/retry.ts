// Waits after what may pass by itself, a little longer each time, and as long as the page is open.

import { ApiProblem, NoAnswer } from '../api/problem.ts';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** So often in a row a server may refuse what it says it may take later. */
const REFUSALS = 8;

export class Retry {
  #failures = 0;

  constructor(
    private readonly signal: AbortSignal,
    private readonly waiting: (reason: string | undefined) => void,
  ) {}

  progressed(): void {
    this.#failures = 0;
    this.waiting(undefined);
  }

  /** Waits, or throws `cause` when waiting is no use. */
  async after(cause: unknown, isWorthwhile = false): Promise<void> {
    this.#failures += 1;
    if (!isWorthwhile && !passes(cause, this.#failures)) throw cause;
    if (isWorthwhile && this.#failures > REFUSALS) throw cause;
    const asked = cause instanceof ApiProblem ? cause.retryAfterMs : undefined;
    this.waiting(cause instanceof Error ? cause.message : String(cause));
    await pause(waitMs(this.#failures, asked), this.signal);
  }
}

/** Silence passes, however long it takes; refusals only so often. */
export function passes(cause: unknown, failures: number): boolean {
  if (cause instanceof NoAnswer) return true;
  return cause instanceof ApiProblem && cause.isPassing && failures <= REFUSALS;
}

export function waitMs(failures: number, askedMs?: number): number {
  return askedMs ?? Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
}

/** Ends early when the browser is online again. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    if (signal.aborted) return fail(signal.reason);
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      if (signal.aborted) fail(signal.reason);
      else done();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}

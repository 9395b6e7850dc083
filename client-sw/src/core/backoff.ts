/** Decides whether a failed try is repeated, and when. Pure: time and chance come in as arguments. */
import { NetworkError } from '../errors/network-error.ts';
import type { StowawayError } from '../errors/stowaway-error.ts';
import type { ErrorCode } from '../protocol/download.ts';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** A server may ask for more than our longest delay, but not for ever. */
const LONGEST_RETRY_AFTER_MS = 10 * 60_000;

/** How many tries without one new verified byte end in `failed`. Codes that are not named end at once. */
const MOST_ATTEMPTS: Partial<Record<ErrorCode, number>> = {
  network: Number.POSITIVE_INFINITY,
  'server-error': 10,
  damaged: 4,
  'not-found': 3,
};

export type RetryDecision =
  | { kind: 'give-up' }
  /** `offline`: nothing answers, so the download is shown as waiting for the network. */
  | { kind: 'wait'; delayMs: number; offline: boolean };

/**
 * @param attempts tries in a row that brought nothing, this one included
 * @param random from 0 to 1
 */
export function decideRetry(error: StowawayError, attempts: number, random: number): RetryDecision {
  if (attempts >= (MOST_ATTEMPTS[error.code] ?? 0)) return { kind: 'give-up' };
  const asked = error instanceof NetworkError ? error.retryAfterMs : undefined;
  return {
    kind: 'wait',
    delayMs: asked === undefined ? delayMs(attempts, random) : Math.min(asked, LONGEST_RETRY_AFTER_MS),
    offline: error.code === 'network',
  };
}

/** Doubles from a second to half a minute, of which a random half to whole is waited. */
export function delayMs(attempts: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempts - 1));
  return Math.round(ceiling * (0.5 + random / 2));
}

/** Retry-After as milliseconds from `nowMs`: seconds or a date. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const then = Date.parse(header);
  return Number.isNaN(then) ? undefined : Math.max(0, then - nowMs);
}

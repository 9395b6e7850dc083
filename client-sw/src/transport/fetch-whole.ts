/** One request whose answer must be whole, or the whole range asked for: with a watchdog for silence, and typed errors. */
import { parseRetryAfter } from '../core/backoff.ts';
import type { Span } from '../core/range.ts';
import { asNetworkError, NetworkError } from '../errors/network-error.ts';

/** A connection that brings nothing for this long is given up. */
const LONGEST_SILENCE_MS = 30_000;

export interface WholeAnswer {
  body: ReadableStream<Uint8Array>;
  /** To be called on every arrival: winds the watchdog up again. */
  touch(): void;
  /** To be called at the end, whatever the end. */
  release(): void;
}

/**
 * @param range first and last byte, where only these are wanted
 * @throws NetworkError for no answer (status 0) and for any status but 200, or 206 for a range
 */
export async function fetchWhole(url: string, signal: AbortSignal, range?: Span): Promise<WholeAnswer> {
  const request = new AbortController();
  const stop = () => request.abort();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const touch = () => {
    clearTimeout(timer);
    timer = setTimeout(stop, LONGEST_SILENCE_MS);
  };
  const release = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  touch();
  try {
    const response = await fetch(url, {
      signal: request.signal,
      credentials: 'same-origin',
      // A damaged answer must not come out of the HTTP cache again, nor a good one be kept twice on disk.
      cache: 'no-store',
      ...(range && directRange(range)),
    });
    if (response.status !== (range ? 206 : 200) || !response.body) {
      await response.body?.cancel();
      const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
      const contentType = response.headers.get('content-type');
      throw new NetworkError(url, response.status, retryAfterMs, { contentType });
    }
    return { body: response.body, touch, release };
  } catch (error) {
    release();
    throw asNetworkError(error, url);
  }
}

/** A range that the worker leaves to the network: whoever asks has looked into storage already. */
function directRange([first, last]: Span): RequestInit {
  return { headers: { Range: `bytes=${first}-${last}` }, referrerPolicy: 'no-referrer' };
}

/** Whether a request is one of those. No player asks past the HTTP cache. */
export function isDirectRange({ cache, headers, referrerPolicy }: Request): boolean {
  return cache === 'no-store' && referrerPolicy === 'no-referrer' && headers.has('range');
}

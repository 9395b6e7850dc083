/** One request whose answer must be a whole 200: with a watchdog for silence, and typed errors. */
import { parseRetryAfter } from '../core/backoff.ts';
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
 * @throws NetworkError for no answer (status 0) and for any status but 200
 */
export async function fetchWhole(url: string, signal: AbortSignal): Promise<WholeAnswer> {
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
    });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
      throw new NetworkError(url, response.status, retryAfterMs);
    }
    return { body: response.body, touch, release };
  } catch (error) {
    release();
    throw asNetworkError(error, url);
  }
}

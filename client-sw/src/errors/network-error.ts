/** A request that was not answered, or answered with a status that ends the try. */
import type { ErrorCode } from '../protocol/download.ts';
import { StowawayError } from './stowaway-error.ts';

export class NetworkError extends StowawayError {
  override readonly name = 'NetworkError';
  /** 0 when there was no answer at all. */
  readonly status: number;
  /** Milliseconds that the server asked to wait (Retry-After), or undefined. */
  readonly retryAfterMs: number | undefined;
  /** What the refusal is written in (Content-Type), or undefined. */
  readonly contentType: string | undefined;

  constructor(
    url: string,
    status: number,
    retryAfterMs?: number,
    options?: ErrorOptions & { contentType?: string | null },
  ) {
    super(
      codeOf(status),
      status === 0 ? `No answer from ${url}.` : `${url} answered with status ${status}.`,
      options,
    );
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.contentType = options?.contentType ?? undefined;
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 0) return 'network';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'not-found';
  return 'server-error';
}

/** What a broken body throws is the browser's own error: no answer, to us. */
export function asNetworkError(cause: unknown, url: string): NetworkError {
  return cause instanceof NetworkError ? cause : new NetworkError(url, 0, undefined, { cause });
}

// Reads a JSON document over HTTP and says in a sentence why it could not (RFC 9457 problems included).

import { DocumentError } from './document-error.ts';

/** Statuses with which a worker or a proxy says that nobody behind it answered. */
const NOBODY_ANSWERED = new Set([502, 503, 504]);

/** How our worker marks an answer that it kept from an earlier time (RFC 9211). */
const KEPT_BY_WORKER = /(^|,)\s*stowaway-worker\s*;\s*hit\b/;

export interface FetchedDocument {
  readonly document: unknown;
  /** Whether the worker kept it from an earlier time, as the server is out of reach. */
  readonly isKept: boolean;
}

/** Asks the server even where the browser's own cache still has an answer: for what may just have changed. */
export const fetchRevalidated: typeof fetch = (input, init) => fetch(input, { ...init, cache: 'no-cache' });

export async function fetchDocument(url: string, fetcher: typeof fetch = fetch): Promise<FetchedDocument> {
  const response = await request(url, fetcher);
  if (!response.ok) throw await refusal(url, response);
  const isKept = KEPT_BY_WORKER.test(response.headers.get('cache-status') ?? '');
  try {
    return { document: await response.json(), isKept };
  } catch (cause) {
    throw new DocumentError('unreadable', `The answer to ${url} is not JSON.`, response.status, { cause });
  }
}

/** As `fetchDocument`, for captions and transcripts. */
export async function fetchText(url: string, fetcher: typeof fetch = fetch): Promise<string> {
  const response = await request(url, fetcher);
  if (!response.ok) throw await refusal(url, response);
  return response.text();
}

async function request(url: string, fetcher: typeof fetch): Promise<Response> {
  try {
    return await fetcher(url);
  } catch (cause) {
    throw new DocumentError('unreachable', 'The server did not answer.', undefined, { cause });
  }
}

async function refusal(url: string, response: Response): Promise<DocumentError> {
  const kind = NOBODY_ANSWERED.has(response.status) ? 'unreachable' : 'refused';
  const detail = await readProblemDetail(response);
  return new DocumentError(
    kind,
    detail ?? `The server answered ${response.status} to ${url}.`,
    response.status,
  );
}

async function readProblemDetail(response: Response): Promise<string | undefined> {
  if (!response.headers.get('content-type')?.includes('json')) return undefined;
  try {
    const problem = (await response.json()) as { detail?: unknown; title?: unknown } | null;
    const words = problem?.detail ?? problem?.title;
    return typeof words === 'string' ? words : undefined;
  } catch {
    // A problem that cannot be read: the status says enough.
    return undefined;
  }
}

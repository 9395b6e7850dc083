// Sends one file by tus 1.0: from where the server is, a piece at a time, each acknowledged.

import type { Connection } from '../api/connection.ts';
import { ApiProblem } from '../api/problem.ts';
import type { MissingFile } from './publication.ts';
import { Retry } from './retry.ts';

/** What is behind an acknowledged piece is never sent again. */
const PIECE_BYTES = 8 * 1024 * 1024;
const TUS = { 'tus-resumable': '1.0.0' };

export interface Sending {
  readonly connection: Connection;
  readonly signal: AbortSignal;
  /** Bytes that were acknowledged; fewer than none when the server lost an upload. */
  progress(bytes: number): void;
  /** Why it waits, and nothing when it goes on. */
  waiting(reason: string | undefined): void;
}

interface Place {
  readonly href: string;
  readonly offset: number;
}

/** Sends the rest of `file`. Throws what does not pass by itself. */
export async function sendFile(file: Blob, missing: MissingFile, sending: Sending): Promise<void> {
  const retry = new Retry(sending.signal, sending.waiting);
  let place: Place | undefined = missing.upload;
  for (;;) {
    try {
      if (place === undefined) {
        place = await create(missing, sending);
      } else {
        // The last bytes may have come and the answer not: asking finishes it.
        const isSent: boolean = place.offset >= missing.size;
        const offset: number = isSent ? await offsetAt(place, sending) : await append(file, place, sending);
        sending.progress(offset - place.offset);
        if (offset >= missing.size) return;
        place = { href: place.href, offset };
      }
      retry.progressed();
    } catch (cause) {
      await retry.after(cause, isGone(cause));
      place = await ask(place, sending);
    }
  }
}

async function create({ sha256, size }: MissingFile, { connection, signal }: Sending): Promise<Place> {
  const headers = { ...TUS, 'upload-length': String(size), 'upload-metadata': `sha256 ${btoa(sha256)}` };
  const response = await connection.ask('/api/uploads', { method: 'POST', headers, signal });
  const href = response.headers.get('location');
  if (href === null)
    throw new Error('The server does not say where the upload is. Is it of another version?');
  return { href, offset: 0 };
}

async function append(file: Blob, { href, offset }: Place, { connection, signal }: Sending): Promise<number> {
  const response = await connection.ask(href, {
    method: 'PATCH',
    headers: { ...TUS, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
    body: file.slice(offset, offset + PIECE_BYTES),
    signal,
  });
  return offsetOf(response);
}

async function offsetAt({ href }: Place, { connection, signal }: Sending): Promise<number> {
  return offsetOf(await connection.ask(href, { method: 'HEAD', headers: TUS, signal }));
}

/** Where the server is after something went wrong; nowhere when it does not know the upload any more. */
async function ask(place: Place | undefined, sending: Sending): Promise<Place | undefined> {
  if (place === undefined) return undefined;
  try {
    const offset = await offsetAt(place, sending);
    sending.progress(offset - place.offset);
    return { href: place.href, offset };
  } catch (cause) {
    if (!isGone(cause)) return place; // Still away: the next piece meets the same, and waits.
    sending.progress(-place.offset);
    return undefined;
  }
}

function offsetOf(response: Response): number {
  const offset = Number(response.headers.get('upload-offset') ?? Number.NaN);
  if (!Number.isSafeInteger(offset))
    throw new Error('The server does not say how far the upload is. Is it of another version?');
  return offset;
}

/** Expired or removed: another upload has to be made. */
function isGone(cause: unknown): boolean {
  return cause instanceof ApiProblem && (cause.status === 404 || cause.status === 410);
}

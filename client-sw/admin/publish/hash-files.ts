// Asks a worker for the digests of files.

import type { FolderFile } from './folder.ts';

const WORKER = '/client/admin/hash-worker.js';

export interface HashRequest {
  readonly file: File;
}

/** Bytes that were hashed since the last answer; at the end a digest, or why there is none. */
export type HashAnswer =
  | { readonly bytes: number }
  | { readonly sha256: string }
  | { readonly error: string };

export interface HashedFile extends FolderFile {
  readonly sha256: string;
}

/** Hashes files one after the other; `progress` hears of bytes. Ends when `signal` does. */
export async function hashFiles(
  files: readonly FolderFile[],
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<HashedFile[]> {
  const worker = new Worker(WORKER, { type: 'module' });
  try {
    const hashed: HashedFile[] = [];
    for (const one of files) hashed.push({ ...one, sha256: await hashFile(worker, one, progress, signal) });
    return hashed;
  } finally {
    worker.terminate();
  }
}

function hashFile(
  worker: Worker,
  { file, path }: FolderFile,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((done, fail) => {
    const stop = (): void => fail(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    worker.onerror = () =>
      fail(new Error('The part of this page that reads files could not be loaded. Reload the page.'));
    worker.onmessage = ({ data }: MessageEvent<HashAnswer>) => {
      if ('bytes' in data) return progress(data.bytes);
      signal.removeEventListener('abort', stop);
      if ('sha256' in data) return done(data.sha256);
      fail(new Error(`${path} cannot be read: ${data.error} Choose the folder again.`));
    };
    worker.postMessage({ file } satisfies HashRequest);
  });
}

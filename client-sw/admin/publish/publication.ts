// Asking for a release, and what the server answers: docs/publishing.md.

import type { Connection } from '../api/connection.ts';
import type { HashedFile } from './hash-files.ts';

export interface MissingFile {
  readonly sha256: string;
  readonly size: number;
  /** An upload of it that can go on. */
  readonly upload?: { readonly href: string; readonly offset: number };
}

export interface Release {
  readonly changed: boolean;
  readonly release: number;
}

export type Answer =
  | { readonly step: 'missing'; readonly missing: readonly MissingFile[] }
  | { readonly step: 'making'; readonly askAgainMs: number }
  | { readonly step: 'done'; readonly release: Release };

const ASK_AGAIN_MS = 1000;

export interface Publication {
  readonly tag: string;
  readonly files: readonly HashedFile[];
  readonly tagToml: string | undefined;
}

/** The body of the request. */
export function publicationBody({ files, tagToml }: Publication): string {
  const listed = files.map(({ path, file, sha256 }) => ({ path, size: file.size, sha256 }));
  return JSON.stringify(tagToml === undefined ? { files: listed } : { files: listed, tagToml });
}

/** Asks for the release: it says what is missing, that it is being made, or that it is there. */
export async function askForRelease(
  connection: Connection,
  publication: Publication,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await connection.ask(`/api/tags/${publication.tag}/publications`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: publicationBody(publication),
    signal,
  });
  return readAnswer(response.status, await response.json(), response.headers.get('retry-after'));
}

export function readAnswer(status: number, document: unknown, retryAfter: string | null): Answer {
  if (status !== 202) return { step: 'done', release: document as Release };
  const { missing = [] } = document as { readonly missing?: readonly MissingFile[] };
  if (missing.length > 0) return { step: 'missing', missing };
  const seconds = Number(retryAfter ?? Number.NaN);
  return {
    step: 'making',
    askAgainMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : ASK_AGAIN_MS,
  };
}

/** Decides which requests the worker answers; all others are left alone. */
import { parseBlobAddress } from '../core/address.ts';
import { isDirectRange } from '../transport/fetch-whole.ts';
import { answerBlob } from './answer-blob.ts';
import { answerCatalogue, answerManifest } from './answer-document.ts';
import type { WorkerEnvironment } from './options.ts';

const MANIFEST = /^tags\/([^/]+)\/(?:releases\/(\d+)\/)?manifest\.json$/;

export function onFetch(environment: WorkerEnvironment, event: FetchEvent): void {
  const { request } = event;
  if (request.method !== 'GET' && request.method !== 'HEAD') return;

  if (parseBlobAddress(request.url)?.kind === 'asset') {
    if (isDirectRange(request)) return;
    event.respondWith(answerBlob(environment, request));
    return;
  }
  const path = pathBelow(environment.server, request.url);
  // A page of the site may well be called /tags: a navigation never wants the catalogue.
  if (path === undefined || request.mode === 'navigate') return;
  const manifest = MANIFEST.exec(path);
  if (manifest?.[1]) {
    event.respondWith(
      answerManifest(environment, request, manifest[1], manifest[2] ? Number(manifest[2]) : undefined),
    );
  } else if (path === 'tags') {
    event.respondWith(answerCatalogue(environment, event));
  }
}

/** The path after the server's base address, without query; undefined when it is elsewhere. */
function pathBelow(server: URL, url: string): string | undefined {
  const { origin, pathname } = new URL(url);
  if (origin !== server.origin || !pathname.startsWith(server.pathname)) return undefined;
  return pathname.slice(server.pathname.length);
}

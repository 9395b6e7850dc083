/** Documents that change: from the network while it answers, and as stored when it does not. */
import { serverOf } from '../core/address.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { loadAnswer, putAnswer } from '../storage/addresses.ts';
import type { Database } from '../storage/database.ts';
import { loadManifestOfTag } from '../storage/downloads.ts';
import { sha256 } from '../transport/digest.ts';
import { networkFirst } from './network-first.ts';

/** A manifest, current (`release` undefined) or of one release. */
export function answerManifest(
  { db }: { db: Database },
  request: Request,
  tag: string,
  release: number | undefined,
): Promise<Response> {
  return networkFirst(request, async () => {
    const manifest = await loadManifestOfTag(db, decodeURIComponent(tag), serverOf(request.url), release);
    return manifest && documentResponse(request, canonicalJson(manifest), 'application/webpub+json');
  });
}

/** A page of the catalogue, kept from the last time it was answered. */
export async function answerCatalogue({ db }: { db: Database }, event: FetchEvent): Promise<Response> {
  const { request } = event;
  const response = await networkFirst(request, async () => {
    const answer = await loadAnswer(db, request.url);
    return answer && documentResponse(request, answer.body, answer.type);
  });
  const type = response.headers.get('content-type') ?? '';
  if (request.method === 'GET' && response.status === 200 && type.includes('json') && response.url) {
    const copy = response.clone();
    event.waitUntil(
      copy.text().then((body) => putAnswer(db, { url: request.url, body, type, storedAt: Date.now() })),
    );
  }
  return response;
}

async function documentResponse(request: Request, body: string, type: string): Promise<Response> {
  const bytes = new TextEncoder().encode(body);
  return new Response(request.method === 'HEAD' ? null : bytes, {
    headers: {
      'Cache-Control': 'no-store',
      // RFC 9211: pages tell by it that the server is out of reach.
      'Cache-Status': 'stowaway-worker; hit',
      'Content-Length': String(bytes.length),
      'Content-Type': type,
      ETag: `"sha256:${await sha256(bytes)}"`,
    },
  });
}

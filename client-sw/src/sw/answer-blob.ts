/**
 * Answers requests for assets of downloads: whole, or the range that was asked. What is stored comes from storage, what
 * is missing from the network in verified pieces that are kept. Assets of no download go to the network.
 */
import { withoutQuery } from '../core/address.ts';
import { isExpired } from '../core/expiry.ts';
import { lastModified } from '../core/last-modified.ts';
import { planPrecondition } from '../core/precondition.ts';
import { planRange } from '../core/range.ts';
import { IntegrityError } from '../errors/integrity-error.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import { loadAddress } from '../storage/addresses.ts';
import type { AddressRecord, BlobRecord } from '../storage/schema.ts';
import type { Environment } from '../transport/environment.ts';
import { noteDamage, noteExpiry } from './note-fault.ts';
import { isWebKit, readSpan } from './read-blob.ts';

/** Scripts get the exact range. */
const PLAYERS: readonly RequestDestination[] = ['audio', 'video'];

/** Types that a browser would run: they get no rights, as from the server. */
const ACTIVE_TYPE = /html|svg|xml/;

export async function answerBlob(environment: Environment, request: Request): Promise<Response> {
  const { db } = environment;
  try {
    const found = await loadAddress(db, withoutQuery(request.url));
    if (found && isExpired(found.address.expiresAt, Date.now())) {
      await noteExpiry(environment, found.address);
    } else {
      const stored = found && (await answerStored(environment, request, found.address, found.blob));
      if (stored) return stored;
    }
  } catch (error) {
    // Storage that fails must not take the site with it while there is a network.
    if (!(error instanceof StowawayError)) throw error;
    console.warn('stowaway: cannot answer from storage', error);
    // Damaged bytes are not played; the network's own answer would hold them again.
    if (error instanceof IntegrityError) return Response.error();
  }
  return fetch(request);
}

/** undefined when the network should answer. */
async function answerStored(
  environment: Environment,
  request: Request,
  address: AddressRecord,
  blob: BlobRecord,
): Promise<Response | undefined> {
  const validators = { etag: `"sha256:${blob.hex}"`, lastModified: lastModified(blob.hex) };
  const headers = new Headers({
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    'Content-Type': address.type,
    ETag: validators.etag,
    'Last-Modified': validators.lastModified,
    'X-Content-Type-Options': 'nosniff',
  });
  if (ACTIVE_TYPE.test(address.type)) headers.set('Content-Security-Policy', 'sandbox');

  const condition = planPrecondition(request.method, request.headers, validators);
  if (condition.status !== 'proceed') return new Response(null, { status: condition.status, headers });

  const plan = planRange(condition.range ? request.headers.get('range') : null, blob.size);
  if (plan.status === 416) {
    headers.set('Content-Range', `bytes */${blob.size}`);
    return new Response(null, { status: 416, headers });
  }
  if (request.method === 'HEAD') {
    headers.set('Content-Length', String(blob.size));
    return new Response(null, { headers });
  }
  // Several ranges are answered whole, as RFC 9110 allows; no player asks for them.
  const range = plan.status === 206 && plan.parts.length === 1 ? plan.parts[0] : undefined;
  const mayBeShort = range !== undefined && !isWebKit();
  const read = await readSpan(environment, blob, range ?? [0, blob.size - 1], {
    url: request.url,
    mayBeShort,
    inSteps: mayBeShort && PLAYERS.includes(request.destination),
  });
  if (!read) return undefined;
  if (read.gaps) await noteDamage(environment, blob.hex);
  const [first, last] = read.span;
  if (range) headers.set('Content-Range', `bytes ${first}-${last}/${blob.size}`);
  headers.set('Content-Length', String(last - first + 1));
  return new Response(read.body, { status: range ? 206 : 200, headers });
}

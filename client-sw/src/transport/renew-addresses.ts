/**
 * Signed addresses run out. A fresh copy of the same release's manifest has new ones: the record takes them over, and what
 * was refused is asked for again.
 */
import { withoutQuery } from '../core/address.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { registerManifest } from '../storage/register-download.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { fetchWhole } from './fetch-whole.ts';
import { recordAssets } from './inventory.ts';
import { verifyManifest } from './verify-manifest.ts';

/** True when there are other addresses to try now. */
export async function renewAddresses(
  db: Database,
  record: DownloadRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const { manifest } = record;
  const fresh = await fetchFresh(record, signal);
  if (!fresh || canonicalJson(fresh) === canonicalJson(manifest)) return false;
  return registerManifest(db, record.id, fresh, recordAssets);
}

/** The release's manifest as the server has it now: at the tag, or at its own address once the tag names another one. */
async function fetchFresh(record: DownloadRecord, signal: AbortSignal): Promise<Manifest | undefined> {
  const { tag, release, manifest, manifestUrl } = record;
  const isSame = (one: Manifest) => one.download.digest === manifest.download.digest;
  const current = await fetchManifest(manifestUrl, signal);
  if (!current || isSame(current)) return current;
  const address = withoutQuery(manifestUrl);
  if (!address.endsWith(`/tags/${tag}/manifest.json`)) return undefined;
  const own = await fetchManifest(new URL(`releases/${release}/manifest.json`, address).href, signal);
  return own && isSame(own) ? own : undefined;
}

/** undefined when it does not come, or is not what it says it is. */
async function fetchManifest(url: string, signal: AbortSignal): Promise<Manifest | undefined> {
  try {
    const answer = await fetchWhole(url, signal);
    try {
      const manifest: Manifest = await new Response(answer.body).json();
      await verifyManifest(manifest);
      return manifest;
    } finally {
      answer.release();
    }
  } catch (error) {
    if (!(error instanceof StowawayError || error instanceof SyntaxError || error instanceof TypeError))
      throw error;
    console.info('stowaway: no fresh manifest', error);
    return undefined;
  }
}

/**
 * Signed addresses run out. A fresh copy of the same release's manifest has new ones: the record takes them over, and what
 * was refused is asked for again.
 */
import { withoutQuery } from '../core/address.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { loadDownload } from '../storage/downloads.ts';
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
  // Somebody may have brought others since the record was read.
  const now = await loadDownload(db, record.id);
  if (now?.manifest.download.digest !== record.manifest.download.digest) return false;
  if (hasOthers(now, record.manifest)) return true;
  const fresh = await fetchFresh(record, signal);
  return fresh !== undefined && takeAddresses(db, record, fresh);
}

/**
 * Gives a download the addresses of a verified manifest, if that is of its release.
 * @returns whether they are others
 */
export async function takeAddresses(
  db: Database,
  record: DownloadRecord,
  manifest: Manifest,
): Promise<boolean> {
  return hasOthers(record, manifest) && registerManifest(db, record.id, manifest, recordAssets);
}

function hasOthers({ manifest }: DownloadRecord, other: Manifest): boolean {
  return canonicalJson(other) !== canonicalJson(manifest);
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

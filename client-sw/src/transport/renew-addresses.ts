/**
 * Signed addresses run out. A fresh copy of the same release's manifest has new ones: the record takes them over, and what
 * was refused is asked for again.
 */
import { manifestUrl as addressOf, withoutQuery } from '../core/address.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { StowawayError } from '../errors/stowaway-error.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { loadDownload } from '../storage/downloads.ts';
import { registerDownload } from '../storage/register-download.ts';
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
  const { tag, release, manifest, manifestUrl } = record;
  const own = new URL(`releases/${release}/manifest.json`, addressOf(withoutQuery(manifestUrl), '.')).href;
  for (const url of [manifestUrl, ...(manifestUrl.includes(`/tags/${tag}/`) ? [own] : [])]) {
    const fresh = await fetchManifest(url, signal);
    if (fresh?.download.digest !== manifest.download.digest) continue;
    if (canonicalJson(fresh) === canonicalJson(manifest)) return false;
    const now = await loadDownload(db, record.id);
    if (now?.manifest.download.digest !== manifest.download.digest) return false;
    const renewed = { ...now, manifest: fresh };
    await registerDownload(db, renewed, recordAssets(renewed));
    return true;
  }
  return false;
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

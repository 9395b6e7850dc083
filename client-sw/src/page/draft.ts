/** Makes the ledger's record of a download that somebody asks for. Pure but for the clock. */
import { downloadId, serverOf } from '../core/address.ts';
import { findSelection, selectionAssets } from '../core/assets.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { DownloadRecord } from '../storage/schema.ts';

/** @throws ManifestError when the manifest lacks the selection or does not describe it */
export function draftDownload(manifest: Manifest, manifestUrl: string, selectionId: string): DownloadRecord {
  const { tag, release } = manifest.download;
  const selection = findSelection(manifest, selectionId);
  const hexes = selectionAssets(manifest, selection, manifestUrl).map((asset) => asset.hex);
  const now = Date.now();
  return {
    id: downloadId(tag, selectionId, serverOf(manifestUrl)),
    tag,
    selection: selectionId,
    title: selection.backgroundFetch.title,
    release,
    manifestUrl,
    manifest,
    hexes: [...new Set(hexes)],
    state: 'planned',
    transport: 'pieces',
    bytesTotal: selection.downloadTotal,
    bytesStored: 0,
    createdAt: now,
    updatedAt: now,
  };
}

/** A draft that takes the place of another release, which stays whole until this one is. */
export function draftUpdate(before: DownloadRecord, draft: DownloadRecord): DownloadRecord {
  const { manifest, title, release, hexes, bytesTotal, createdAt, sampled } = before;
  const whole = (before.state === 'complete' || before.state === 'damaged') && {
    manifest,
    title,
    release,
    hexes,
    bytesTotal,
  };
  return { ...draft, createdAt, sampled, kept: whole || before.kept };
}

/** Whether both are of the same release of the same server. */
export function isSameRelease(a: DownloadRecord, b: DownloadRecord): boolean {
  return a.manifestUrl === b.manifestUrl && a.manifest.download.digest === b.manifest.download.digest;
}

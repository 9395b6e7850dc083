/** What a download needs and what of it is stored: everything that the planner wants to know, loaded at once. */
import { type Asset, findSelection, selectionAssets } from '../core/assets.ts';
import { type Plan, type PlanInput, planTransfer } from '../core/plan.ts';
import type { Hex } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { loadBlobs, loadStored } from '../storage/pieces.ts';
import type { BlobRecord, DownloadRecord } from '../storage/schema.ts';

export interface Inventory {
  assets: Asset[];
  index: { url: string; size: number };
  /** Blobs whose piece list is known. */
  blobs: Map<Hex, BlobRecord>;
  /** Stored pieces among those lists. */
  stored: Set<Hex>;
}

export async function loadInventory(db: Database, record: DownloadRecord): Promise<Inventory> {
  const assets = recordAssets(record);
  const blobs = await loadBlobs(
    db,
    assets.map((asset) => asset.hex),
  );
  const stored = await loadStored(
    db,
    [...blobs.values()].flatMap((blob) => blob.pieces),
  );
  const { href, size } = record.manifest.download.pieces;
  return { assets, index: { url: new URL(href, record.manifestUrl).href, size }, blobs, stored };
}

export function planInventory(inventory: Inventory, shape: PlanInput['shape']): Plan {
  const pieces = new Map([...inventory.blobs].map(([hex, blob]) => [hex, blob.pieces]));
  return planTransfer({ ...inventory, pieces, shape });
}

/** Whether some asset's piece list is not known yet. */
export function lacksLists(inventory: Inventory): boolean {
  return planInventory(inventory, 'pieces').requests.some(({ kind }) => kind === 'index');
}

export function recordAssets(record: DownloadRecord): Asset[] {
  const { manifest, manifestUrl, selection } = record;
  return selectionAssets(manifest, findSelection(manifest, selection), manifestUrl);
}

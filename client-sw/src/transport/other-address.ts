/**
 * A player goes on asking under the address that it was given, and that may have run out. The ledger may have a newer one
 * meanwhile, or gets one.
 */
import type { NetworkError } from '../errors/network-error.ts';
import type { Hex } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { loadDownload, loadDownloads } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { recordAssets } from './inventory.ts';
import { renewAddresses } from './renew-addresses.ts';

/** Whether another address may help: one that is signed was refused, or not answered, which may be the same. */
export function mayHelp({ code }: NetworkError, url: string): boolean {
  return code === 'forbidden' || (code === 'network' && url.includes('?'));
}

/** An address of a blob that is not the refused one; undefined where no download has one. */
export async function findOtherAddress(
  db: Database,
  hex: Hex,
  refused: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const other = (record: DownloadRecord | undefined) =>
    record && recordAssets(record).find((asset) => asset.hex === hex && asset.url !== refused)?.url;
  for (const record of await loadDownloads(db)) {
    if (!record.hexes.includes(hex)) continue;
    const known = other(record);
    if (known) return known;
    if (!(await renewAddresses(db, record, signal))) continue;
    const renewed = other(await loadDownload(db, record.id));
    if (renewed) return renewed;
  }
  return undefined;
}

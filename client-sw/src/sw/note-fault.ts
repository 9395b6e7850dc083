/** Notes in the ledger what only playing has shown: that a download is not what it was, or may no longer be played. */
import type { StateEvent } from '../core/state.ts';
import type { Hex } from '../protocol/manifest.ts';
import { expireAddress } from '../storage/addresses.ts';
import { loadDownloads } from '../storage/downloads.ts';
import type { AddressRecord } from '../storage/schema.ts';
import { change } from '../transport/change.ts';
import type { Environment } from '../transport/environment.ts';

/** A piece of this blob is not stored: whatever was complete with it is not. */
export function noteDamage(environment: Environment, hex: Hex): Promise<void> {
  return noteAll(environment, hex, { type: 'damage' });
}

export async function noteExpiry(environment: Environment, address: AddressRecord): Promise<void> {
  if (address.expiresAt === 0) return;
  await expireAddress(environment.db, address);
  await noteAll(environment, address.hex, { type: 'expire' });
}

async function noteAll(environment: Environment, hex: Hex, event: StateEvent): Promise<void> {
  for (const { id, hexes, state } of await loadDownloads(environment.db)) {
    if (state === 'complete' && hexes.includes(hex)) await change(environment, id, event);
  }
}

/** Loads what looks after downloads (estimates, the diagnosis): a file of its own, for it is rarely needed. */
import { NetworkError } from '../errors/network-error.ts';

/** @throws NetworkError when the file does not come */
export async function loadUpkeep() {
  try {
    return await import('./upkeep/upkeep.ts');
  } catch (cause) {
    throw new NetworkError('stowaway-upkeep.js', 0, undefined, { cause });
  }
}

/**
 * Loads what looks after downloads (the look at what is stored, estimates, the diagnosis): a file of its own, for pages where nothing is
 * complete rarely need it.
 */
import { NetworkError } from '../errors/network-error.ts';

/** @throws NetworkError when the file does not come */
export async function loadUpkeep() {
  try {
    return await import('./upkeep/upkeep.ts');
  } catch (cause) {
    throw new NetworkError('stowaway-upkeep.js', 0, undefined, { cause });
  }
}

/**
 * Loads what moves bytes. Its name holds its digest: a page that is older than its server asks for a file that may be gone,
 * so pages ask early (when they load a manifest), and have the worker, which has all of it, go on otherwise.
 */
import { NetworkError } from '../errors/network-error.ts';

/** @throws NetworkError when the file does not come */
export async function loadEngine() {
  try {
    return await import('./engine.ts');
  } catch (cause) {
    throw new NetworkError('stowaway-engine.js', 0, undefined, { cause });
  }
}

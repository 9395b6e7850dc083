/** The pieces transport is a file of its own: pages where Background Fetch does the work need not wait for it. */
import { NetworkError } from '../errors/network-error.ts';

/** @throws NetworkError when the file does not come */
export async function loadDriver() {
  try {
    return await import('../transport/drive.ts');
  } catch (cause) {
    throw new NetworkError('stowaway-pieces.js', 0, undefined, { cause });
  }
}

/** SHA-256 by the browser's own implementation. */
import type { Hex } from '../protocol/manifest.ts';

export async function sha256(bytes: BufferSource): Promise<Hex> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** When a release may no longer be played from storage. Pure. */
import type { Manifest } from '../protocol/manifest.ts';

/** Milliseconds since the epoch; undefined for a release that never expires. A date that is none has passed. */
export function expiryOf({ download }: Manifest): number | undefined {
  if (download.expires === undefined) return undefined;
  const then = Date.parse(download.expires);
  return Number.isNaN(then) ? 0 : then;
}

export function isExpired(expiresAt: number | undefined, nowMs: number): boolean {
  return expiresAt !== undefined && expiresAt <= nowMs;
}

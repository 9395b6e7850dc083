/** Last-Modified of immutable bytes: a pure function of their digest, the same one as the server's. */
import type { Hex } from '../protocol/manifest.ts';

const EPOCH_MS = Date.UTC(2026, 0, 1);

/** 1 January 2026 plus the digest's first three bytes as seconds. */
export function lastModified(hex: Hex): string {
  return new Date(EPOCH_MS + Number.parseInt(hex.slice(0, 6), 16) * 1000).toUTCString();
}

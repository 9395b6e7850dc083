// Words for what a token may and how it stands. Pure.

import type { TokenEntry } from '../api/documents.ts';

/** `publish`, `my-` → `publish:my-`. */
export function scopeOf(kind: string, prefix: string): string {
  return kind === 'admin' ? kind : `${kind}:${prefix}`;
}

/** `publish:my-` → `publishes tags that begin with my-`. */
export function scopeWords(scope: string): string {
  const [kind, prefix = ''] = scope.split(':', 2);
  const which = prefix === '' ? 'all tags' : `tags that begin with ${prefix}`;
  if (kind === 'publish') return `publishes ${which}`;
  if (kind === 'read') return `looks at ${which}`;
  return scope === 'admin' ? 'administers everything' : scope;
}

export function tokenState({ revoked, expires }: TokenEntry, nowMs: number): 'good' | 'expired' | 'revoked' {
  if (revoked !== undefined) return 'revoked';
  return expires !== undefined && Date.parse(expires) <= nowMs ? 'expired' : 'good';
}

// The addresses that the pages link to and fetch. Pure.

/** The first page of the catalogue. */
export const CATALOGUE_HREF = '/tags';

/** The current manifest of a tag. */
export function manifestHref(tag: string): string {
  return `/tags/${encodeURIComponent(tag)}/manifest.json`;
}

/** The player at a lesson or an episode; at the tag's first one without `path`. */
export function playerHref(tag: string, path?: string): string {
  const query = new URLSearchParams({ tag });
  if (path !== undefined) query.set('item', path);
  return `/play?${query}`;
}

/** `href` as an absolute address, or undefined when it is none that a page may load: only http and https are. */
export function resolveHref(href: unknown, base: string): string | undefined {
  if (typeof href !== 'string') return undefined;
  try {
    const url = new URL(href, base);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    // Not an address at all: the same as none.
    return undefined;
  }
}

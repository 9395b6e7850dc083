/**
 * What the digest of a release is made of: its canonical manifest without the digest itself and without the Background
 * Fetch ids, which hold it. Addresses count from `/blobs/` and `/tags/` on and without a query, so that an edge may put a
 * prefix, a host or a signature around them: the bytes behind them have digests of their own. Pure.
 */
import type { Manifest } from '../protocol/manifest.ts';
import { canonicalJson } from './canonical-json.ts';

const ADDRESS_KEYS = new Set(['href', 'hrefs', 'src', 'pieces']);

/** The text whose SHA-256 is `download.digest`. */
export function releaseText(manifest: Manifest): string {
  const copy: Manifest = JSON.parse(JSON.stringify(manifest), bareAddresses);
  const { digest: _digest, ...download } = copy.download;
  const selections = download.selections.map((selection) => {
    const { id: _id, ...backgroundFetch } = selection.backgroundFetch;
    return { ...selection, backgroundFetch };
  });
  return canonicalJson({ ...copy, download: { ...download, selections } });
}

function bareAddresses(key: string, value: unknown): unknown {
  if (!ADDRESS_KEYS.has(key)) return value;
  return Array.isArray(value) ? value.map(bare) : bare(value);
}

function bare(value: unknown): unknown {
  return typeof value === 'string'
    ? value.replace(/^.*?(\/(?:blobs|tags)\/[^?#]*)(?:\?[^#]*)?/, '$1')
    : value;
}

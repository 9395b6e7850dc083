/** Addresses and identifiers: reading and making them. Pure. */
import { ManifestError } from '../errors/manifest-error.ts';
import type { Digest, Hex } from '../protocol/manifest.ts';

/** The selection that every release has. */
export const EVERYTHING = 'everything';

const TAG = /^[a-z0-9][a-z0-9._-]{0,127}$/;
const BLOB_PATH = /\/blobs\/([0-9a-f]{64})\/([^/]+)$/;
const PART_PATH = /\/blobs\/([0-9a-f]{64})\/pieces\/(\d+)(?:-(\d+))?$/;

/**
 * `tag` for everything, else `tag+selection`; with `@` and the server's address where that is not this origin, because
 * two servers may well use one tag. Neither `+` nor `@` can be part of a tag.
 *
 * @param server as {@link serverOf} gives it
 * @example downloadId('t', 'audio', 'https://media.example.org') // 't+audio@https://media.example.org'
 */
export function downloadId(tag: string, selection: string = EVERYTHING, server?: string): string {
  return (
    (selection === EVERYTHING ? tag : `${tag}+${selection}`) + (server === undefined ? '' : `@${server}`)
  );
}

export function tagOf(id: string): string {
  return id.replace(/[+@].*/, '');
}

/** The server that a manifest comes from, without a slash at its end; undefined for this origin's own. */
export function serverOf(manifestUrl: string, home = originHere()): string | undefined {
  const url = withoutQuery(manifestUrl);
  const server = url.replace(/\/(?:tags\/[^/]+\/(?:releases\/\d+\/)?manifest\.json|[^/]*)$/, '');
  return server === home ? undefined : server;
}

/** Page and worker live on the same origin: both call the same server "home". */
function originHere(): string | undefined {
  return globalThis.location?.origin;
}

/** The address of a tag's manifest; an address is taken as it is. */
export function manifestUrl(server: string | URL, tagOrUrl: string): string {
  return new URL(TAG.test(tagOrUrl) ? `tags/${tagOrUrl}/manifest.json` : tagOrUrl, withSlash(server)).href;
}

/** The bare 64 hex digits of `sha256:…`. */
export function hexOf(digest: Digest | undefined): Hex {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest ?? '')?.[1];
  if (hex === undefined) throw new ManifestError(`"${digest}" is not a SHA-256 digest.`);
  return hex;
}

/** An address without query and fragment: what storage knows an asset by. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}

/** What a `/blobs/` address asks for; undefined for piece indexes and everything else. */
export type BlobAddress =
  | { kind: 'asset'; hex: Hex }
  | { kind: 'part'; hex: Hex; first: number; last: number };

export function parseBlobAddress(url: string): BlobAddress | undefined {
  const path = new URL(url).pathname;
  const part = PART_PATH.exec(path);
  if (part?.[1])
    return { kind: 'part', hex: part[1], first: Number(part[2]), last: Number(part[3] ?? part[2]) };
  const asset = BLOB_PATH.exec(path);
  if (asset?.[1] && asset[2] !== 'pieces.json') return { kind: 'asset', hex: asset[1] };
  return undefined;
}

/** The address of a run of pieces, beside the asset's own, and with its query: a signature counts for both. */
export function partUrl(assetUrl: string, first: number, last: number): string {
  const url = new URL(`pieces/${first === last ? first : `${first}-${last}`}`, assetUrl);
  url.search = new URL(assetUrl).search;
  return url.href;
}

/** A base address as a folder, so that relative addresses go below it. */
export function withSlash(base: string | URL): string {
  const href = String(base);
  return href.endsWith('/') ? href : `${href}/`;
}

/**
 * The wire types that the server speaks: catalogue, manifest, piece index. Types only, no code, because a later
 * step generates this file from the server's JSON Schema.
 *
 * Digests in JSON read `sha256:<64 hex>`; in addresses they are the bare 64 hex. All hrefs are root-relative and
 * are resolved against the address of the document that holds them.
 */

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = string;
/** 64 lower-case hex digits. */
export type Hex = string;

/** How the server wants whole releases fetched; decided by its edge profile. */
export type Delivery = 'assets' | 'parts' | 'pieces';

export interface LinkProperties {
  /** Stable identifier of a lesson or episode (`urn:uuid:…`). */
  identifier?: string;
  /** Path in the published folder, not percent-encoded. */
  path?: string;
  digest?: Digest;
  /** Address of the blob's own piece index. */
  pieces?: string;
  /** Path of the lesson that this resource belongs to. */
  for?: string;
}

/** A Readium link: a lesson, an alternate, a module (with `children`), or a resource. */
export interface Link {
  href: string;
  type: string;
  rel?: string;
  title?: string;
  /** Bytes. */
  size?: number;
  /** Seconds. */
  duration?: number;
  /** kbit/s. */
  bitrate?: number;
  width?: number;
  height?: number;
  language?: string;
  alternate?: Link[];
  children?: Link[];
  properties?: LinkProperties;
}

export interface Metadata {
  '@type'?: string;
  identifier: string;
  title: string;
  author?: string;
  description?: string;
  language?: string;
  /** RFC 3339, UTC. */
  modified?: string;
  /** Seconds. */
  duration?: number;
}

/** An icon as Web App Manifests write it. */
export interface Icon {
  src: string;
  sizes?: string;
  type?: string;
  label?: string;
}

/** What `BackgroundFetchManager.fetch` is given, ready made. */
export interface BackgroundFetchOptions {
  id: string;
  title: string;
  icons: Icon[];
  /** Bytes, exactly what will arrive. */
  downloadTotal: number;
}

/** A named subset of a release with its own exact total. */
export interface Selection {
  id: string;
  title: string;
  /** Bytes: the sum of the sizes of everything in `hrefs`, the release piece index included. */
  downloadTotal: number;
  /** The release piece index first, then each asset once. */
  hrefs: string[];
  backgroundFetch: BackgroundFetchOptions;
}

/** The manifest's own section. */
export interface DownloadSection {
  tag: string;
  release: number;
  /** Digest of the release. */
  digest: Digest;
  previous?: { release: number; digest: Digest; href: string };
  delivery: Delivery;
  /** The release piece index. */
  pieces: { href: string; size: number; digest: Digest };
  selections: Selection[];
  /** RFC 3339, UTC: after this the release may no longer be played. */
  expires?: string;
}

/** `GET /tags/{tag}/manifest.json` */
export interface Manifest {
  '@context': string;
  metadata: Metadata;
  links: Link[];
  readingOrder: Link[];
  resources?: Link[];
  download: DownloadSection;
}

/** A digest-verified slice of a blob. */
export interface Piece {
  offset: number;
  length: number;
  sha256: Hex;
}

export interface BlobPieces {
  digest: Digest;
  /** Bytes. */
  size: number;
  /** Contiguous, in order, from offset 0 to `size`; empty for an empty blob. */
  pieces: Piece[];
}

/** `pieces.json` of a blob (one entry) or of a release (every blob once). */
export interface PieceIndex {
  version: 1;
  chunker: { algorithm: string; minimum: number; average: number; maximum: number };
  blobs: BlobPieces[];
}

/** One entry of the catalogue. */
export interface Publication {
  metadata: Metadata;
  links: Link[];
  images?: Link[];
  download: { tag: string; release: number; digest: Digest; items: number; downloadTotal: number };
}

/** `GET /tags`: OPDS 2.0. */
export interface Catalogue {
  metadata: { title: string };
  links: Link[];
  publications: Publication[];
}

/**
 * The wire types that the server speaks: catalogue, manifest, piece index, by the names this package uses. The types themselves are
 * generated from the server's JSON Schemas.
 *
 * Digests in JSON read `sha256:<64 hex>`; in addresses they are the bare 64 hex. All hrefs are root-relative and
 * are resolved against the address of the document that holds them.
 */
export type {
  AssetProperties as LinkProperties,
  BackgroundFetch as BackgroundFetchOptions,
  BlobPieces,
  Catalogue,
  Delivery,
  Digest,
  Download as DownloadSection,
  Icon,
  Link,
  Manifest,
  Metadata,
  Piece,
  PieceIndex,
  Publication,
  Selection,
} from './generated.ts';

/** 64 lower-case hex digits. */
export type Hex = string;

/** What a selection consists of: its assets with digest, size and type, read from the manifest. Pure. */
import { ManifestError } from '../errors/manifest-error.ts';
import type { Hex, Link, Manifest, Selection } from '../protocol/manifest.ts';
import { hexOf } from './address.ts';

/** One blob under the one address that the release gives it. */
export interface Asset {
  /** Absolute. */
  url: string;
  hex: Hex;
  /** Bytes. */
  size: number;
  type: string;
}

/** @throws ManifestError when there is no such selection, naming those there are */
export function findSelection(manifest: Manifest, id: string): Selection {
  const selections = manifest.download.selections;
  const found = selections.find((selection) => selection.id === id);
  if (found) return found;
  const known = selections.map((selection) => selection.id).join(', ');
  throw new ManifestError(`${manifest.download.tag} has no selection "${id}". It has: ${known}.`);
}

/** The selection's assets in its order, without the piece index. */
export function selectionAssets(manifest: Manifest, selection: Selection, manifestUrl: string): Asset[] {
  const links = new Map<string, Link>();
  collect(links, manifest.readingOrder);
  collect(links, manifest.resources);
  return selection.hrefs
    .filter((href) => href !== manifest.download.pieces.href)
    .map((href) => {
      const link = links.get(href);
      if (!link)
        throw new ManifestError(
          `Selection "${selection.id}" names ${href}, which the manifest does not describe.`,
        );
      return {
        url: new URL(href, manifestUrl).href,
        hex: hexOf(link.properties?.digest),
        size: link.size ?? 0,
        type: link.type,
      };
    });
}

function collect(links: Map<string, Link>, from: Link[] | undefined): void {
  for (const link of from ?? []) {
    if (!links.has(link.href)) links.set(link.href, link);
    collect(links, link.children);
    collect(links, link.alternate);
  }
}

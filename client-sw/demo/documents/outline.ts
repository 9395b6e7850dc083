// Turns a manifest (Readium Web Publication Manifest) into what the pages show: sections of lessons, and what belongs
// to each lesson. Pure; it keeps no link that a page may not load.

import { resolveHref } from './addresses.ts';
import { DocumentError } from './document-error.ts';
import { asAmount, asRecord, asRecords, asText, type JsonRecord, present } from './json-reading.ts';
import { type Kind, kindOf } from './kind.ts';

/** A file to load. Size in bytes. */
export interface Asset {
  readonly href: string;
  readonly type: string;
  /** Where it lay in the published folder: its name for a reader. */
  readonly path: string;
  readonly size?: number;
  readonly language?: string;
  readonly title?: string;
}

/** A lesson or an episode. Duration in seconds. */
export interface Item extends Asset {
  readonly title: string;
  /** Stays the same over releases and renames. */
  readonly identifier: string;
  readonly medium: 'video' | 'audio';
  readonly duration?: number;
  readonly width?: number;
  readonly height?: number;
  readonly alternates: readonly Asset[];
}

export interface Section {
  /** A module's title; absent for what belongs to none. */
  readonly title?: string;
  readonly items: readonly Item[];
}

/** What something in `resources` is to the tag or to the lesson named by `owner`. */
export interface Resource extends Asset {
  readonly role: string;
  readonly owner?: string;
}

export interface Outline {
  readonly tag: string;
  readonly release: number;
  readonly title: string;
  readonly author?: string;
  readonly description?: string;
  readonly language?: string;
  readonly kind: Kind;
  readonly duration?: number;
  readonly downloadTotal?: number;
  readonly sections: readonly Section[];
  readonly resources: readonly Resource[];
}

/** Reads a manifest. `base` is the address that it was fetched from. */
export function readOutline(manifest: unknown, base: string): Outline {
  const root = asRecord(manifest);
  const download = asRecord(root?.download);
  const tag = asText(download?.tag);
  if (
    root === undefined ||
    download === undefined ||
    tag === undefined ||
    !Array.isArray(root.readingOrder)
  ) {
    throw new DocumentError('unreadable', 'The server sent something that is not a download manifest.');
  }
  const metadata = asRecord(root.metadata) ?? {};
  const everything = asRecords(download.selections).find((selection) => selection.id === 'everything');
  return {
    tag,
    release: asAmount(download.release) ?? 0,
    title: asText(metadata.title) ?? tag,
    kind: kindOf(metadata['@type']),
    ...present('author', asText(metadata.author)),
    ...present('description', asText(metadata.description)),
    ...present('language', asText(metadata.language)),
    ...present('duration', asAmount(metadata.duration)),
    ...present('downloadTotal', asAmount(everything?.downloadTotal)),
    sections: readSections(asRecords(root.readingOrder), base),
    resources: asRecords(root.resources).flatMap((link) => readResource(link, base) ?? []),
  };
}

/** All lessons in order, whatever module they are in. */
export function listItems(outline: Outline): Item[] {
  return outline.sections.flatMap((section) => section.items);
}

/** What belongs to one lesson in a role: `captions`, `chapters`, `transcript`, `poster`, `attachment`. */
export function resourcesOf(outline: Outline, item: Item, role: string): Resource[] {
  return outline.resources.filter((resource) => resource.owner === item.path && resource.role === role);
}

/** The artwork of the tag. */
export function coverOf(outline: Outline): Resource | undefined {
  return outline.resources.find((resource) => resource.role === 'cover');
}

/** Neighbouring lessons without a module share one section; each module is one of its own. */
function readSections(links: readonly JsonRecord[], base: string): Section[] {
  const sections: { title?: string; items: Item[] }[] = [];
  let loose: Item[] | undefined;
  for (const link of links) {
    const children = asRecords(link.children);
    if (children.length > 0) {
      const items = children.flatMap((child) => readItem(child, base) ?? []);
      sections.push({ ...present('title', asText(link.title)), items });
      loose = undefined;
      continue;
    }
    const item = readItem(link, base);
    if (item === undefined) continue;
    if (loose === undefined) {
      loose = [];
      sections.push({ items: loose });
    }
    loose.push(item);
  }
  return sections.filter((section) => section.items.length > 0);
}

function readItem(link: JsonRecord, base: string): Item | undefined {
  const asset = readAsset(link, base);
  const medium = asset === undefined ? undefined : mediumOf(asset.type);
  if (asset === undefined || medium === undefined) return undefined;
  return {
    ...asset,
    title: asset.title ?? asset.path,
    identifier: asText(asRecord(link.properties)?.identifier) ?? asset.path,
    medium,
    ...present('duration', asAmount(link.duration)),
    ...present('width', asAmount(link.width)),
    ...present('height', asAmount(link.height)),
    alternates: asRecords(link.alternate).flatMap((alternate) => readAsset(alternate, base) ?? []),
  };
}

function readResource(link: JsonRecord, base: string): Resource | undefined {
  const asset = readAsset(link, base);
  const role = Array.isArray(link.rel) ? asText(link.rel[0]) : asText(link.rel);
  if (asset === undefined || role === undefined) return undefined;
  return { ...asset, role, ...present('owner', asText(asRecord(link.properties)?.for)) };
}

function readAsset(link: JsonRecord, base: string): Asset | undefined {
  const href = resolveHref(link.href, base);
  const type = asText(link.type);
  const path = asText(asRecord(link.properties)?.path);
  if (href === undefined || type === undefined || path === undefined) return undefined;
  return {
    href,
    type,
    path,
    ...present('size', asAmount(link.size)),
    ...present('language', asText(link.language)),
    ...present('title', asText(link.title)),
  };
}

function mediumOf(type: string): 'video' | 'audio' | undefined {
  if (type.startsWith('video/')) return 'video';
  return type.startsWith('audio/') ? 'audio' : undefined;
}

// What a tag is called, and what its parts are called, from its schema.org type. Pure.

import { formatCount } from '../views/format.ts';

export interface Kind {
  /** `Course`, `Podcast` or `Collection`. */
  readonly name: string;
  /** What one entry of its reading order is called. */
  readonly item: string;
}

const COURSE: Kind = { name: 'Course', item: 'lesson' };
const PODCAST: Kind = { name: 'Podcast', item: 'episode' };
const COLLECTION: Kind = { name: 'Collection', item: 'item' };

const KINDS: Readonly<Record<string, Kind>> = {
  Course: COURSE,
  PodcastSeries: PODCAST,
  PodcastSeason: PODCAST,
};

/** The kind for a `@type`, with or without `https://schema.org/` before it. */
export function kindOf(type: unknown): Kind {
  const name = typeof type === 'string' ? type.slice(type.lastIndexOf('/') + 1) : '';
  return (Object.hasOwn(KINDS, name) ? KINDS[name] : undefined) ?? COLLECTION;
}

/** `Course · 4 lessons`. */
export function describeKind(kind: Kind, itemCount?: number): string {
  return itemCount === undefined ? kind.name : `${kind.name} · ${formatCount(itemCount, kind.item)}`;
}

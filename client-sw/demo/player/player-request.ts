// Reads what the player is asked to play, and finds it in the manifest. Pure.

import { type Item, listItems, type Outline } from '../documents/outline.ts';

/** `?tag=T&item=PATH#t=SECONDS`; without `item` the tag's first lesson. */
export interface PlayerRequest {
  readonly tag: string;
  readonly path?: string;
  readonly startSeconds?: number;
}

/** The item to play and its neighbours in the tag's order. */
export interface Selected {
  readonly item: Item;
  readonly number: number;
  readonly count: number;
  readonly sectionTitle?: string;
  readonly previous?: Item;
  readonly next?: Item;
}

/** Undefined where the address names no tag. */
export function parsePlayerRequest(search: string, hash: string): PlayerRequest | undefined {
  const query = new URLSearchParams(search);
  const tag = query.get('tag');
  if (tag === null || tag === '') return undefined;
  const path = query.get('item');
  const startSeconds = Number(/^#t=(\d+(?:\.\d+)?)$/.exec(hash)?.[1] ?? Number.NaN);
  return {
    tag,
    ...(path === null || path === '' ? {} : { path }),
    ...(Number.isNaN(startSeconds) ? {} : { startSeconds }),
  };
}

/** Undefined where the tag has no such lesson, or none at all. */
export function selectItem(outline: Outline, path: string | undefined): Selected | undefined {
  const items = listItems(outline);
  const index = path === undefined ? 0 : items.findIndex((candidate) => candidate.path === path);
  const item = items[index];
  if (item === undefined) return undefined;
  const sectionTitle = outline.sections.find((section) => section.items.includes(item))?.title;
  const previous = items[index - 1];
  const next = items[index + 1];
  return {
    item,
    number: index + 1,
    count: items.length,
    ...(sectionTitle === undefined ? {} : { sectionTitle }),
    ...(previous === undefined ? {} : { previous }),
    ...(next === undefined ? {} : { next }),
  };
}

// Decides which file plays: the lesson itself or its audio alternate. Pure.

import type { Asset, Item } from '../documents/outline.ts';

export interface MediaSource {
  readonly asset: Asset;
  readonly medium: 'video' | 'audio';
}

/** The audio alternate of a video, if it has one. */
export function audioAlternateOf(item: Item): Asset | undefined {
  if (item.medium !== 'video') return undefined;
  return item.alternates.find((alternate) => alternate.type.startsWith('audio/'));
}

/** The audio where only listening is wanted and there is an audio; else the lesson. */
export function decideSource(item: Item, listensOnly: boolean): MediaSource {
  const audio = listensOnly ? audioAlternateOf(item) : undefined;
  return audio === undefined ? { asset: item, medium: item.medium } : { asset: audio, medium: 'audio' };
}

// Builds the native media element of a lesson, with its captions and its poster.

import type { Item, Outline, Resource } from '../documents/outline.ts';
import { coverOf, resourcesOf } from '../documents/outline.ts';
import { artworkView } from '../views/artwork.ts';
import { element } from '../views/dom.ts';
import { formatLanguage } from '../views/format.ts';
import type { MediaSource } from './media-source.ts';

export interface MediaView {
  readonly frame: HTMLElement;
  readonly media: HTMLMediaElement;
}

export function mediaView(outline: Outline, item: Item, source: MediaSource): MediaView {
  return source.medium === 'video' ? videoView(outline, item, source) : audioView(outline, item, source);
}

/** The picture that stands for a lesson: its own poster, else the tag's cover. */
export function pictureOf(outline: Outline, item: Item): Resource | undefined {
  return resourcesOf(outline, item, 'poster')[0] ?? coverOf(outline);
}

function videoView(outline: Outline, item: Item, source: MediaSource): MediaView {
  const media = element('video', {
    ...sharedAttributes(item, source),
    playsinline: true,
    // Only a poster of its own: a square cover behind a film is cut and shows the wrong thing.
    poster: resourcesOf(outline, item, 'poster')[0]?.href,
    width: item.width,
    height: item.height,
  });
  for (const captions of resourcesOf(outline, item, 'captions')) media.append(trackView(captions));
  return { frame: element('div', { class: 'screen' }, media), media };
}

function audioView(outline: Outline, item: Item, source: MediaSource): MediaView {
  const media = element('audio', sharedAttributes(item, source));
  const picture = artworkView(item.title, pictureOf(outline, item)?.href, true);
  return { frame: element('div', { class: 'turntable' }, picture, media), media };
}

function sharedAttributes(item: Item, source: MediaSource): Record<string, string | boolean> {
  return {
    src: source.asset.href,
    controls: true,
    preload: 'metadata',
    // Without it Chromium gives up (PIPELINE_ERROR_READ) as soon as one answer comes from the worker's storage and the next
    // from the network: a lesson that is downloaded, updated or removed while it plays would stop at the next seek.
    crossorigin: 'anonymous',
    'aria-label': item.title,
    'data-testid': 'player-media',
  };
}

function trackView(captions: Resource): HTMLTrackElement {
  const language = captions.language ?? '';
  return element('track', {
    kind: 'captions',
    src: captions.href,
    srclang: language,
    label: language === '' ? 'Captions' : formatLanguage(language),
  });
}

// Puts the player page together for one lesson.

import { playerHref } from '../documents/addresses.ts';
import { coverOf, type Outline } from '../documents/outline.ts';
import { loadPositions } from '../playback/positions.ts';
import { artworkView } from '../views/artwork.ts';
import { contentsView } from '../views/contents.ts';
import { append, element } from '../views/dom.ts';
import { downloadControl } from '../views/download-control.ts';
import { formatDuration, formatSize } from '../views/format.ts';
import { attachmentsView } from './attachments-view.ts';
import { chaptersView, type TimedView } from './chapters-view.ts';
import { loadChapters, loadCues } from './companions.ts';
import { controlsView } from './controls.ts';
import { announceToSystem } from './media-session.ts';
import { startAt, startingPoint } from './playback.ts';
import type { Selected } from './player-request.ts';
import { listenToKeys, shortcutsView } from './shortcuts-view.ts';
import { Stage } from './stage.ts';
import { transcriptView } from './transcript-view.ts';

export function showPlayer(
  place: HTMLElement,
  outline: Outline,
  selected: Selected,
  askedSeconds?: number,
): void {
  const followers: TimedView[] = [];
  const stage = new Stage(outline, selected.item, (seconds) => {
    for (const follower of followers) follower.follow(seconds);
  });
  const companions = element('div', { class: 'companions' });
  const main = element(
    'div',
    { class: 'player-main' },
    stage.view,
    headView(outline, selected),
    controlsView(outline.tag, selected, stage),
    companions,
    shortcutsView(),
  );
  place.replaceChildren(main, asideView(outline, selected));
  startAt(stage.media, startingPoint(selected.item, askedSeconds));
  listenToKeys(() => stage.media);
  announceToSystem(outline, selected, () => stage.media);
  void addCompanions(companions, followers, outline, selected, stage);
}

function headView(outline: Outline, selected: Selected): HTMLElement {
  const { item, number, count, sectionTitle } = selected;
  const noun = `${outline.kind.item.charAt(0).toUpperCase()}${outline.kind.item.slice(1)}`;
  const facts = [
    sectionTitle,
    item.duration === undefined ? undefined : formatDuration(item.duration),
    item.size === undefined ? undefined : formatSize(item.size),
  ].filter((fact) => fact !== undefined);
  return element(
    'div',
    { class: 'player-head' },
    element('p', { class: 'kind' }, `${noun} ${number} of ${count}`),
    element('h1', { dir: 'auto' }, item.title),
    element('p', { class: 'facts' }, facts.join(' · ')),
  );
}

function asideView(outline: Outline, selected: Selected): HTMLElement {
  return element(
    'aside',
    { class: 'player-aside', 'aria-labelledby': 'tag-title' },
    element(
      'div',
      { class: 'tag-head' },
      artworkView(outline.title, coverOf(outline)?.href, true),
      element(
        'div',
        {},
        element('p', { class: 'kind' }, outline.kind.name),
        element(
          'h2',
          { id: 'tag-title', dir: 'auto' },
          element('a', { href: playerHref(outline.tag) }, outline.title),
        ),
        outline.author !== undefined && element('p', { class: 'author', dir: 'auto' }, outline.author),
      ),
    ),
    downloadControl(outline.tag),
    contentsView(outline, loadPositions(), selected.item.path),
  );
}

/** Chapters, transcript and files come when they come: the media does not wait for them. */
async function addCompanions(
  place: HTMLElement,
  followers: TimedView[],
  outline: Outline,
  selected: Selected,
  stage: Stage,
): Promise<void> {
  const [chapters, cues] = await Promise.allSettled([
    loadChapters(outline, selected.item),
    loadCues(outline, selected.item),
  ]);
  const views = [
    timedPanel(chapters, 'chapters', (found) => chaptersView(found, stage.seek), followers),
    timedPanel(cues, 'transcript', (found) => transcriptView(found, stage.seek), followers),
  ];
  append(place, [views[0], attachmentsView(outline, selected.item), views[1]]);
  for (const follower of followers) follower.follow(stage.media.currentTime);
}

function timedPanel<Found>(
  outcome: PromiseSettledResult<Found | undefined>,
  name: string,
  build: (found: Found) => TimedView,
  followers: TimedView[],
): HTMLElement | undefined {
  if (outcome.status === 'rejected') {
    const reason = outcome.reason instanceof Error ? outcome.reason.message : String(outcome.reason);
    return element('p', { class: 'soft' }, `The ${name} could not be loaded: ${reason}`);
  }
  if (outcome.value === undefined) return undefined;
  const panel = build(outcome.value);
  followers.push(panel);
  return panel.view;
}

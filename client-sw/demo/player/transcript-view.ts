// The transcript: what is said, following the player; a click on a passage moves the player there.

import type { Cue } from '../documents/timed-text.ts';
import { findCurrentIndex } from '../playback/timeline.ts';
import { element } from '../views/dom.ts';
import { formatClock } from '../views/format.ts';
import type { TimedView } from './chapters-view.ts';

/** After the reader scrolled the transcript, it is left where it is for this long. */
const SCROLL_REST_MS = 6000;

export function transcriptView(cues: readonly Cue[], seek: (seconds: number) => void): TimedView {
  const passages = cues.map((cue) => passageView(cue, seek));
  const box = element(
    'div',
    {
      class: 'transcript',
      role: 'group',
      'aria-labelledby': 'transcript-title',
      'aria-describedby': 'transcript-help',
    },
    ...passages,
  );
  makeRoving(box, passages);
  const view = element(
    'section',
    { class: 'panel', 'aria-labelledby': 'transcript-title', 'data-testid': 'transcript' },
    element('h2', { id: 'transcript-title' }, 'Transcript'),
    element(
      'p',
      { class: 'soft small', id: 'transcript-help' },
      'Choose a passage to hear it. ↑ and ↓ move between passages.',
    ),
    box,
  );
  return { view, follow: follower(cues, passages, box) };
}

function passageView(cue: Cue, seek: (seconds: number) => void): HTMLButtonElement {
  const passage = element(
    'button',
    { type: 'button', class: 'passage', tabindex: -1, 'data-testid': 'passage' },
    element('span', { class: 'clock' }, formatClock(cue.start)),
    element(
      'span',
      { dir: 'auto' },
      cue.speaker !== undefined && element('b', {}, `${cue.speaker}: `),
      cue.text,
    ),
  );
  passage.addEventListener('click', () => seek(cue.start));
  return passage;
}

/** One stop for the Tab key, arrows within: hundreds of passages would bar the way to what follows. */
function makeRoving(box: HTMLElement, passages: readonly HTMLButtonElement[]): void {
  passages[0]?.setAttribute('tabindex', '0');
  box.addEventListener('focusin', ({ target }) => {
    for (const passage of passages) passage.tabIndex = passage === target ? 0 : -1;
  });
  box.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = passages[passages.indexOf(event.target as HTMLButtonElement) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  });
}

function follower(
  cues: readonly Cue[],
  passages: readonly HTMLElement[],
  box: HTMLElement,
): (seconds: number) => void {
  let current = -1;
  let restsUntilMs = 0;
  const rest = (): void => {
    restsUntilMs = Date.now() + SCROLL_REST_MS;
  };
  for (const gesture of ['wheel', 'touchmove', 'keydown'] as const)
    box.addEventListener(gesture, rest, { passive: true });
  return (seconds) => {
    const index = findCurrentIndex(cues, seconds);
    if (index === current) return;
    passages[current]?.removeAttribute('aria-current');
    const passage = passages[index];
    passage?.setAttribute('aria-current', 'true');
    current = index;
    // Only the box scrolls: the page stays where the reader has it.
    if (passage !== undefined && Date.now() > restsUntilMs) {
      box.scrollTo({ top: passage.offsetTop - box.clientHeight / 3 });
    }
  };
}

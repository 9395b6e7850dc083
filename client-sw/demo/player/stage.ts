// The media element on the page and everything that is tied to it: source, position, speed, problems.
// "Listen only" exchanges the element; whoever needs it asks for `media` anew.

import type { Item, Outline } from '../documents/outline.ts';
import { element, required } from '../views/dom.ts';
import { clearNotice, showNotice } from '../views/notice.ts';
import { audioAlternateOf, decideSource } from './media-source.ts';
import { mediaView } from './media-view.ts';
import { readSpeed, rememberPosition, setSpeed, startAt } from './playback.ts';
import { findPlaybackProblem, playbackNotice } from './playback-problem.ts';

const LISTEN_KEY = 'stowaway.listen-only';

export class Stage {
  readonly view = element('div', { class: 'stage' });
  #media: HTMLMediaElement;
  #listensOnly: boolean;
  readonly #problem = element('div', { class: 'stage-problem' });

  constructor(
    private readonly outline: Outline,
    private readonly item: Item,
    private readonly onTime: (seconds: number) => void,
  ) {
    this.#listensOnly = this.hasAudioAlternate && sessionStorage.getItem(LISTEN_KEY) === 'yes';
    this.#media = this.#mount();
  }

  get media(): HTMLMediaElement {
    return this.#media;
  }

  get hasAudioAlternate(): boolean {
    return audioAlternateOf(this.item) !== undefined;
  }

  get listensOnly(): boolean {
    return this.#listensOnly;
  }

  /** Moves to `seconds` and plays: what a click on a chapter or a passage asks for. */
  readonly seek = (seconds: number): void => {
    this.#media.currentTime = seconds;
    // A refused play (no media, or no gesture) is shown by the element itself, or by our notice.
    this.#media.play().catch(() => undefined);
  };

  /** Goes on with the audio alone, or with the picture again, at the same place. */
  listenOnly(listens: boolean): void {
    const { currentTime, paused } = this.#media;
    this.#listensOnly = listens;
    sessionStorage.setItem(LISTEN_KEY, listens ? 'yes' : 'no');
    this.#media.pause();
    this.#media = this.#mount();
    startAt(this.#media, currentTime);
    if (!paused) this.#media.play().catch(() => undefined);
  }

  #mount(): HTMLMediaElement {
    const source = decideSource(this.item, this.#listensOnly);
    const { frame, media } = mediaView(this.outline, this.item, source);
    clearNotice(this.#problem);
    this.view.replaceChildren(frame, this.#problem);
    setSpeed(media, readSpeed());
    rememberPosition(media, this.item);
    media.addEventListener('timeupdate', () => this.onTime(media.currentTime));
    media.addEventListener('loadeddata', () => clearNotice(this.#problem));
    media.addEventListener('error', () => void this.#explain(media));
    return media;
  }

  async #explain(media: HTMLMediaElement): Promise<void> {
    const problem = await findPlaybackProblem(media.currentSrc || media.src, media.error);
    if (media !== this.#media || media.error === null) return;
    const isAudioLeft = this.hasAudioAlternate && !this.#listensOnly && problem !== 'missing';
    const listen = (): void => required('listen-only').click();
    showNotice(
      this.#problem,
      playbackNotice(problem, () => media.load(), isAudioLeft ? listen : undefined),
    );
  }
}

/**
 * Notices a Background Fetch that stands still: no byte came for a while in which its page could be seen. The browser may have
 * forgotten it, and tells nobody (docs/browsers.md); only the person can know whether that is so. Pieces need none of this: the
 * library itself waits for them, and where it waits for long, as a server has asked, to resume would only be to ask too early.
 */
import type { Download } from '../../protocol/download.ts';

const LONGEST_STILL_MS = 180_000;

export class Stillness {
  /** Whether it stands still, until the next byte or another state. */
  isStill = false;
  readonly #onStill: () => void;
  /** Whose bytes were seen, and how many; empty where none are awaited. */
  #seen = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onStill: () => void) {
    this.#onStill = onStill;
  }

  /**
   * Hears of a state, new or not.
   * @returns whether it has stood still until now
   */
  note(download: Download | undefined): boolean {
    const seen = download && awaitsBytes(download) ? `${download.id} ${download.bytesReceived}` : '';
    if (seen === this.#seen) return false;
    const wasStill = this.isStill;
    this.#seen = seen;
    this.isStill = false;
    if (seen) document.addEventListener('visibilitychange', this.#wait);
    else document.removeEventListener('visibilitychange', this.#wait);
    this.#wait();
    return wasStill;
  }

  /** From now on; a page that nobody sees is not told of bytes in time. */
  readonly #wait = () => {
    clearTimeout(this.#timer);
    if (!this.#seen || this.isStill || document.hidden) return;
    this.#timer = setTimeout(() => {
      this.isStill = true;
      this.#onStill();
    }, LONGEST_STILL_MS);
  };
}

/** Where all are there, the browser may be copying them. */
function awaitsBytes({ state, transport, bytesReceived, bytesTotal }: Download): boolean {
  return state === 'downloading' && transport === 'background-fetch' && bytesReceived < bytesTotal;
}

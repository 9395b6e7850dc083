/** How fast bytes move: all bodies of a proxy together. */
import { setTimeout as delay } from 'node:timers/promises';
import { gate } from './gate.mjs';

export class Pace {
  bytesPerSecond = Number.POSITIVE_INFINITY;
  #freeAtMs = 0;
  #stalled;

  /** All bodies stop where they are, until `flow`. */
  stall() {
    this.#stalled ??= gate();
  }

  flow() {
    this.#stalled?.open();
    this.#stalled = undefined;
  }

  /** Resolves when so many more bytes may move. */
  async wait(bytes) {
    await this.#stalled?.opened;
    if (this.bytesPerSecond === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    this.#freeAtMs = Math.max(now, this.#freeAtMs) + (bytes / this.bytesPerSecond) * 1000;
    if (this.#freeAtMs > now) await delay(this.#freeAtMs - now);
  }
}

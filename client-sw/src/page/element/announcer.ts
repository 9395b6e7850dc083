/** Decides what a screen reader is told: start, each quarter, the end; nothing in between. Pure but for its memory. */
import type { Download } from '../../protocol/download.ts';
import { formatBytes } from '../format-bytes.ts';
import type { Messages } from './api.ts';
import { errorMessage, fill } from './messages.ts';
import { fraction } from './view.ts';

export class Announcer {
  #state: Download['state'] | undefined;
  #quarter = 0;
  #title = '';
  #seen = false;

  /** The sentence to say now, or undefined. The first state that is seen is not news. */
  next(download: Download | undefined, messages: Messages, locale?: string): string | undefined {
    const before = this.#state;
    const first = !this.#seen;
    this.#seen = true;
    if (download) this.#title = download.title;
    const title = this.#title;
    this.#state = download?.state;
    const quarter = download ? Math.floor(fraction(download) * 4) : 0;
    const passed = quarter > this.#quarter;
    this.#quarter = quarter;

    if (!download) return before === 'complete' ? fill(messages.announceRemoved, { title }) : undefined;
    if (download.state === 'failed' && before !== 'failed' && !first)
      return errorMessage(messages, download.error?.code ?? 'internal');
    if (download.state === 'stale') return before === 'stale' || first ? undefined : messages.stale;
    if (download.state === 'complete')
      return before === 'complete' || first ? undefined : fill(messages.announceComplete, { title });
    if (download.state !== 'downloading' || first) return undefined;
    if (before === undefined || before === 'failed' || before === 'planned') {
      return fill(messages.announceStarted, { title, total: formatBytes(download.bytesTotal, locale) });
    }
    if (!passed || quarter >= 4) return undefined;
    const percent = new Intl.NumberFormat(locale, { style: 'percent' }).format(quarter / 4);
    return fill(messages.announceQuarter, { title, percent });
  }
}

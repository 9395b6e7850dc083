/** The room that downloads take: a meter, a line, and the buttons to keep it for good and to report. */
import type { ErrorCode } from '../../../protocol/download.ts';
import type { Downloads, StorageEstimate } from '../../api.ts';
import { formatBytes } from '../../format-bytes.ts';
import type { Messages } from '../api.ts';
import { errorMessage, fill } from '../messages.ts';
import { element, setText } from '../shadow.ts';

export class StorageView {
  readonly root = element('div', 'storage', 'storage');
  readonly #meter = element('div', 'meter', 'meter');
  readonly #used = element('span');
  readonly #room = element('p');
  readonly #answer = element('p');
  readonly #actions = element('div', 'actions');
  readonly #persist = element('button', '', 'button');
  readonly #report = element('button', '', 'button');
  readonly #text = element('textarea');
  #downloads: Downloads | undefined;
  #messages: Messages | undefined;

  constructor() {
    this.#meter.setAttribute('role', 'meter');
    this.#meter.setAttribute('aria-valuemin', '0');
    this.#meter.setAttribute('aria-valuemax', '100');
    this.#meter.append(this.#used);
    this.#room.dir = 'auto';
    this.#answer.dir = 'auto';
    this.#answer.setAttribute('role', 'status');
    this.#text.readOnly = true;
    this.#text.hidden = true;
    this.#text.dir = 'ltr';
    for (const button of [this.#persist, this.#report]) button.type = 'button';
    this.#persist.addEventListener('click', () => this.#ask());
    this.#report.addEventListener('click', () => this.#copy());
    this.#actions.append(this.#persist, this.#report);
    this.root.append(this.#meter, this.#room, this.#actions, this.#answer, this.#text);
  }

  async show(downloads: Downloads, messages: Messages, locale: string | undefined): Promise<void> {
    this.#downloads = downloads;
    this.#messages = messages;
    const estimate = await downloads.estimate();
    const { usage, quota, persisted, stored } = estimate;
    const free = usage === undefined || quota === undefined ? undefined : Math.max(0, quota - usage);
    const values = { used: formatBytes(stored, locale), free: formatBytes(free ?? 0, locale) };
    setText(this.#room, fill(free === undefined ? messages.storageUnknown : messages.storageUsed, values));
    this.#showMeter(estimate);
    this.#persist.hidden = persisted !== false;
    setText(this.#persist, messages.persistAsk);
    setText(this.#report, messages.reportCopy);
    this.#text.setAttribute('aria-label', messages.reportHere);
  }

  /** However little is used, it shows. */
  #showMeter({ usage, quota }: StorageEstimate): void {
    const known = usage !== undefined && quota !== undefined && quota > 0;
    this.#meter.hidden = !known;
    if (!known) return;
    const percent = Math.min(100, Math.round((usage / quota) * 100));
    this.#used.style.inlineSize = `${percent}%`;
    this.#meter.setAttribute('aria-valuenow', String(percent));
    this.#meter.setAttribute('aria-label', this.#room.textContent ?? '');
  }

  async #ask(): Promise<void> {
    const { persisted, persistRefused } = this.#messages as Messages;
    const granted = await navigator.storage.persist();
    this.#persist.hidden = granted;
    setText(this.#answer, granted ? persisted : persistRefused);
  }

  /** To the clipboard; where the browser does not allow that, into a field to copy from. */
  async #copy(): Promise<void> {
    const messages = this.#messages as Messages;
    try {
      const text = (await this.#downloads?.diagnose()) ?? '';
      const copied = await copy(text);
      this.#text.value = text;
      this.#text.hidden = copied;
      setText(this.#answer, copied ? messages.reportCopied : messages.reportHere);
      if (!copied) this.#text.select();
    } catch (error) {
      console.warn('stowaway: no report could be made', error);
      setText(this.#answer, errorMessage(messages, (error as { code?: ErrorCode }).code ?? 'internal'));
    }
  }
}

/** Whether the browser let it. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    console.info('stowaway: the clipboard refused', error);
    return false;
  }
}

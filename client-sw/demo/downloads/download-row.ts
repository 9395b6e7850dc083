// One row of the downloads page. It is built once and changed in place, so that the focus stays on its buttons.

import type { Download } from 'stowaway-client';
import { playerHref } from '../documents/addresses.ts';
import { artworkView } from '../views/artwork.ts';
import { element, spoken } from '../views/dom.ts';
import { formatSize } from '../views/format.ts';
import { decideRow, type RowAction } from './row-state.ts';
import type { Update } from './update-check.ts';

/** What a row asks of the page. */
export interface RowCommands {
  run(action: RowAction, id: string): Promise<unknown>;
  update(download: Download, update: Update): Promise<unknown>;
}

export class DownloadRow {
  readonly view: HTMLLIElement;
  #download: Download;
  #isBusy = false;
  readonly #artwork = element('div', { class: 'row-art' });
  readonly #facts = element('p', { class: 'facts' });
  readonly #state = element('p', { class: 'row-state', 'data-testid': 'download-state' });
  readonly #progress = element('progress', { class: 'row-progress' });
  readonly #actions = element('div', { class: 'row-actions' });
  readonly #update = element('div', { class: 'row-update' });
  readonly #problem = element('p', { class: 'row-problem', role: 'alert' });

  constructor(
    download: Download,
    private readonly commands: RowCommands,
  ) {
    this.#download = download;
    const { title, tag } = download;
    const titleId = `row-${download.id}`;
    this.#progress.setAttribute('aria-labelledby', titleId);
    this.showCover(undefined);
    this.view = element(
      'li',
      { class: 'row', 'data-testid': 'download-row', 'data-id': download.id },
      this.#artwork,
      element(
        'div',
        { class: 'row-words' },
        element('h2', { id: titleId, dir: 'auto' }, element('a', { href: playerHref(tag) }, title)),
        this.#facts,
        this.#state,
        this.#progress,
        this.#update,
        this.#problem,
      ),
      this.#actions,
    );
    this.show(download);
  }

  get download(): Download {
    return this.#download;
  }

  show(download: Download): void {
    const before = this.#download.state;
    this.#download = download;
    const { text, tone, progress, actions } = decideRow(download);
    this.view.dataset.state = download.state;
    this.view.dataset.tone = tone;
    this.#facts.textContent = describeFacts(download);
    this.#state.textContent = text;
    this.#progress.hidden = progress === undefined;
    this.#progress.max = Math.max(1, progress?.total ?? 1);
    this.#progress.value = progress?.received ?? 0;
    if (before !== download.state || this.#actions.childElementCount === 0) {
      this.#replaceActions(actions.map(({ action, label }) => this.#button(action, label)));
    }
  }

  showCover(href: string | undefined): void {
    this.#artwork.replaceChildren(artworkView(this.#download.title, href, true));
  }

  /** `undefined` takes the offer away. */
  showUpdate(update: Update | undefined): void {
    if (update === undefined) {
      this.#update.replaceChildren();
      return;
    }
    const button = element(
      'button',
      { type: 'button', class: 'button button-accent' },
      `Update: ${formatSize(update.bytes)}`,
    );
    button.append(spoken(` for ${this.#download.title}`));
    button.addEventListener(
      'click',
      () => void this.#attempt(() => this.commands.update(this.#download, update)),
    );
    this.#update.replaceChildren(element('span', {}, `Release ${update.release} is out.`), button);
  }

  #button(action: RowAction, label: string): HTMLButtonElement {
    const button = element('button', { type: 'button', class: 'button', 'data-action': action }, label);
    button.append(spoken(` ${this.#download.title}`));
    button.addEventListener('click', () => {
      if (action === 'remove' || action === 'cancel') this.#confirm(action);
      else void this.#attempt(() => this.commands.run(action, this.#download.id));
    });
    return button;
  }

  /** What deletes bytes asks once more, in place. */
  #confirm(action: 'remove' | 'cancel'): void {
    const question =
      action === 'remove' ? 'Remove it from this browser?' : 'Stop, and delete what has arrived?';
    const yes = element(
      'button',
      { type: 'button', class: 'button button-danger', 'data-action': `${action}-yes` },
      'Delete',
    );
    const no = element('button', { type: 'button', class: 'button', 'data-action': 'keep' }, 'Keep');
    yes.addEventListener(
      'click',
      () => void this.#attempt(() => this.commands.run(action, this.#download.id)),
    );
    no.addEventListener('click', () => {
      this.#actions.replaceChildren();
      this.show(this.#download);
      this.#actions.querySelector<HTMLElement>(`[data-action="${action}"]`)?.focus();
    });
    this.#actions.replaceChildren(
      element('span', { class: 'row-question', role: 'alert' }, question),
      no,
      yes,
    );
    no.focus();
  }

  /** Buttons that are exchanged hand on the focus that one of them had. */
  #replaceActions(buttons: readonly HTMLElement[]): void {
    const hadFocus = this.#actions.contains(document.activeElement);
    this.#actions.replaceChildren(...buttons);
    if (hadFocus) buttons[0]?.focus();
  }

  async #attempt(command: () => Promise<unknown>): Promise<void> {
    // A second press changes nothing. The buttons stay as they are: a disabled one would lose the focus.
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#problem.textContent = '';
    try {
      await command();
    } catch (cause) {
      this.#problem.textContent = cause instanceof Error ? cause.message : String(cause);
    } finally {
      this.#isBusy = false;
    }
  }
}

/** The title of a part ("Audio only", a module) says which part it is; that of everything does not. */
function describeFacts({ selection, release }: Download): string {
  return selection === 'everything' ? `Everything · Release ${release}` : `Release ${release}`;
}

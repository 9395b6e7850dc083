/** `<stowaway-library>`: all that this browser keeps, and the room that it takes. */
import type { Download, DownloadEvent } from '../../../protocol/download.ts';
import type { Downloads } from '../../api.ts';
import type { Messages, StowawayLibraryMembers } from '../api.ts';
import { downloadsFor, onPageDownloads } from '../instances.ts';
import { languageOf } from '../language.ts';
import { loadMessages, messagesFor } from '../messages.ts';
import { element, setText, sheetOf } from '../shadow.ts';
import { LibraryRow } from './library-row.ts';
import { StorageView } from './storage-view.ts';
import { STYLES } from './styles.ts';

/** Storage is counted again so long after the last change of bytes: many come at once. */
const SETTLED_MS = 500;

export class StowawayLibraryElement extends HTMLElement implements StowawayLibraryMembers {
  static readonly observedAttributes = ['href', 'server', 'lang'];

  #given: Downloads | undefined;
  #bound: Downloads | undefined;
  #release: (() => void) | undefined;
  readonly #rows = new Map<string, LibraryRow>();
  readonly #list = element('ul', '', 'list');
  readonly #empty = element('p', 'empty', 'empty');
  readonly #storage = new StorageView();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheetOf(STYLES)];
    // Safari takes the role away with the bullets.
    this.#list.setAttribute('role', 'list');
    this.#empty.append(element('slot'));
    root.append(this.#list, this.#empty, this.#storage.root);
  }

  get href(): string {
    return this.getAttribute('href') ?? '';
  }
  set href(href: string) {
    this.setAttribute('href', href);
  }

  get downloads(): Downloads {
    return this.#given ?? downloadsFor(this.getAttribute('server') ?? undefined);
  }
  set downloads(downloads: Downloads) {
    this.#given = downloads;
    this.#bind();
  }

  connectedCallback(): void {
    this.#bind();
  }

  disconnectedCallback(): void {
    this.#unbind();
  }

  attributeChangedCallback(name: string): void {
    if (name === 'server') this.#bind();
    else this.#show();
  }

  #bind(): void {
    this.#unbind();
    if (!this.isConnected) return;
    const forget = onPageDownloads(() => this.#bind());
    let unsubscribe: (() => void) | undefined;
    let wanted = true;
    queueMicrotask(() => {
      if (!wanted) return;
      this.#bound = this.downloads;
      unsubscribe = this.#bound.subscribe((event) => this.#hear(event));
      this.#show();
    });
    this.#release = () => {
      wanted = false;
      forget();
      unsubscribe?.();
    };
  }

  #unbind(): void {
    this.#release?.();
    this.#release = undefined;
    this.#bound = undefined;
    clearTimeout(this.#timer);
  }

  #hear(event: DownloadEvent): void {
    const id = event.type === 'changed' ? event.download.id : event.id;
    if (event.type === 'removed' || !this.#rows.has(id)) this.#show();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#showStorage(), SETTLED_MS);
  }

  async #show(): Promise<void> {
    const downloads = this.#bound;
    if (!downloads) return;
    try {
      await loadMessages(languageOf(this));
      const list = await downloads.list();
      if (this.#bound !== downloads) return;
      this.#showRows(downloads, list);
    } catch (error) {
      console.warn('stowaway: the list of downloads could not be read', error);
    }
    await this.#showStorage();
  }

  #showRows(downloads: Downloads, list: readonly Download[]): void {
    const kept = new Set(list.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (kept.has(id)) continue;
      row.root.remove();
      this.#rows.delete(id);
    }
    for (const download of list) {
      const row = this.#rows.get(download.id) ?? new LibraryRow(downloads, download);
      row.show(download, this.#addressOf(download), languageOf(this));
      if (this.#rows.has(download.id)) continue;
      this.#rows.set(download.id, row);
      this.#list.append(row.root);
    }
    this.#list.hidden = list.length === 0;
    this.#empty.hidden = list.length > 0;
    const slot = this.#empty.querySelector('slot');
    if (slot) setText(slot, this.#messages().libraryEmpty);
  }

  async #showStorage(): Promise<void> {
    const downloads = this.#bound;
    if (!downloads) return;
    try {
      await this.#storage.show(downloads, this.#messages(), languageOf(this));
    } catch (error) {
      console.warn('stowaway: storage could not be read', error);
    }
  }

  /** Where a title leads, or undefined. */
  #addressOf({ tag, selection, id }: Download): string | undefined {
    if (!this.href) return undefined;
    const values: Record<string, string> = { tag, selection, id };
    return this.href.replace(/\{(tag|selection|id)\}/g, (_, name) => encodeURIComponent(values[name] ?? ''));
  }

  #messages(): Messages {
    return messagesFor(languageOf(this));
  }
}

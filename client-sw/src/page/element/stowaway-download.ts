/** `<stowaway-download>`: wires the library's events to what is shown, and buttons to the library. */
import { EVERYTHING } from '../../core/address.ts';
import type { Download, DownloadEvent, ErrorCode } from '../../protocol/download.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import type { Downloads } from '../api.ts';
import { Announcer } from './announcer.ts';
import type { StowawayDownloadMembers } from './api.ts';
import { downloadsFor, onPageDownloads } from './instances.ts';
import { languageOf } from './language.ts';
import { errorMessage, fill, loadMessages, messagesFor } from './messages.ts';
import { Stillness } from './stillness.ts';
import { Surface } from './surface.ts';
import { type Action, isKept, viewOf } from './view.ts';

/** After which a start can be cancelled: who presses twice does not mean that. */
const LONG_START_MS = 1_000;

export class StowawayDownloadElement extends HTMLElement implements StowawayDownloadMembers {
  static readonly observedAttributes = ['tag', 'selection', 'server', 'lang'];

  #given: Downloads | undefined;
  #bound: Downloads | undefined;
  #release: (() => void) | undefined;
  #download: Download | undefined;
  #manifest: Manifest | undefined;
  #updateBytes: number | undefined;
  #error: ErrorCode | undefined;
  #starting = false;
  #waiting = false;
  #confirming = false;
  /** The last button that was pressed; what an earlier one brings is of no interest any more. */
  #press = 0;
  #announcer = new Announcer();
  readonly #stillness = new Stillness(() => {
    this.#render();
    this.#surface.say(messagesFor(languageOf(this)).still);
  });
  readonly #surface = new Surface(this.attachShadow({ mode: 'open', delegatesFocus: true }), (action) =>
    this.#act(action),
  );

  get tag(): string {
    return this.getAttribute('tag') ?? '';
  }
  set tag(tag: string) {
    this.setAttribute('tag', tag);
  }

  get selection(): string {
    return this.getAttribute('selection') ?? EVERYTHING;
  }
  set selection(selection: string) {
    this.setAttribute('selection', selection);
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
    if (name === 'lang') this.#render();
    else this.#bind();
  }

  #bind(): void {
    this.#unbind();
    if (!this.isConnected || this.tag === '') return;
    // Scripts of the page run first: they may name the instance to use.
    const forget = onPageDownloads(() => this.#bind());
    let unsubscribe: (() => void) | undefined;
    let wanted = true;
    queueMicrotask(() => {
      if (!wanted) return;
      this.#bound = this.downloads;
      unsubscribe = this.#bound.subscribe((event) => this.#hear(event));
      this.#load(this.#bound, () => wanted);
    });
    this.#release = () => {
      wanted = false;
      forget();
      unsubscribe?.();
    };
    this.#render();
  }

  #unbind(): void {
    this.#release?.();
    this.#release = undefined;
    this.#bound = undefined;
    this.#download = undefined;
    this.#manifest = undefined;
    this.#updateBytes = undefined;
    this.#error = undefined;
    this.#starting = false;
    this.#confirming = false;
    this.#announcer = new Announcer();
    this.#stillness.note(undefined);
  }

  async #load(downloads: Downloads, wanted: () => boolean): Promise<void> {
    try {
      const download = await downloads.get(downloads.idOf(this.tag, this.selection));
      if (wanted()) this.#update(download);
      const manifest = await downloads.load(this.tag);
      if (!wanted()) return;
      this.#manifest = manifest;
      this.#render();
      await this.#lookForUpdate(downloads, wanted);
    } catch (error) {
      // Without its manifest the button has no size to show; pressing it tries again and says what is wrong.
      console.info(`stowaway: ${this.tag} could not be looked up`, error);
    }
  }

  /** Asks what a newer release would bring, where what is here is complete and older. */
  async #lookForUpdate(downloads: Downloads, wanted: () => boolean): Promise<void> {
    const manifest = this.#manifest;
    const here = this.#download;
    if (!manifest || here?.state !== 'complete' || manifest.download.release <= here.release) return;
    const { bytesToFetch } = await downloads.estimate(this.tag, { selection: this.selection, manifest });
    if (!wanted()) return;
    this.#updateBytes = bytesToFetch;
    this.#render();
  }

  #hear(event: DownloadEvent): void {
    const id = this.#bound?.idOf(this.tag, this.selection);
    if (event.type === 'removed') {
      if (event.id === id) this.#update(undefined);
    } else if (event.download.id === id) this.#update(event.download);
  }

  #update(download: Download | undefined): void {
    this.#download = download;
    if (!isKept(download)) this.#confirming = false;
    if (download) this.#error = undefined;
    if (download?.state !== 'complete') this.#updateBytes = undefined;
    // What is not true any more is not to be found by a screen reader either.
    if (this.#stillness.note(download)) this.#surface.say('');
    this.#render();
    const locale = languageOf(this);
    const sentence = this.#announcer.next(download, messagesFor(locale), locale);
    if (sentence) this.#surface.say(sentence);
    this.dispatchEvent(
      new CustomEvent('stowaway-change', { detail: download, bubbles: true, composed: true }),
    );
  }

  #render(): void {
    const locale = languageOf(this);
    const awaited = loadMessages(locale);
    if (awaited) {
      // Nothing is shown in one language and then in another.
      awaited.then(() => this.#render());
      return;
    }
    const messages = messagesFor(locale);
    const selection = this.#manifest?.download.selections.find(({ id }) => id === this.selection);
    const title = this.#download?.title ?? selection?.backgroundFetch.title ?? this.tag;
    const view = viewOf({
      messages,
      download: this.#download,
      total: selection?.downloadTotal,
      error: this.#error,
      confirming: this.#confirming,
      starting: this.#starting,
      waiting: this.#waiting,
      updateBytes: this.#updateBytes,
      still: this.#stillness.isStill,
      locale,
    });
    this.#surface.show(view, fill(messages.progressLabel, { title }));
  }

  async #act(action: Action): Promise<void> {
    const downloads = this.#bound;
    const binding = this.#release;
    const press = ++this.#press;
    const isLast = () => this.#release === binding && this.#press === press;
    if (!downloads) return;
    this.#confirming = action === 'remove';
    this.#starting = action === 'start' || action === 'resume' || action === 'update';
    this.#waiting = false;
    this.#error = undefined;
    this.#render();
    const timer = setTimeout(() => {
      this.#waiting = isLast();
      this.#render();
    }, LONG_START_MS);
    if (this.#confirming) this.#surface.sayStatus();
    let error: ErrorCode | undefined;
    let download: Download | undefined;
    try {
      download = await this.#perform(downloads, action, downloads.idOf(this.tag, this.selection));
    } catch (cause) {
      error = (cause as { code?: ErrorCode }).code ?? 'internal';
      console.warn(`stowaway: could not ${action} ${this.tag}`, cause);
    }
    clearTimeout(timer);
    // The element may show another tag by now.
    if (!isLast()) return;
    this.#starting = false;
    if (download) this.#update(download);
    this.#error = error === 'not-downloaded' ? undefined : error;
    this.#render();
    if (this.#error && this.#download?.state !== 'failed')
      this.#surface.say(errorMessage(messagesFor(languageOf(this)), this.#error));
  }

  async #perform(downloads: Downloads, action: Action, id: string): Promise<Download | undefined> {
    switch (action) {
      case 'start': {
        const { selection } = this;
        const manifest = this.#manifest;
        return downloads.start(this.tag, manifest ? { selection, manifest } : { selection });
      }
      case 'update':
        return downloads.update(id, this.#manifest ? { manifest: this.#manifest } : {});
      case 'resume':
        return downloads.resume(id);
      case 'pause':
        return downloads.pause(id);
      case 'cancel':
        await downloads.cancel(id);
        return undefined;
      case 'confirm':
        await downloads.remove(id);
        return undefined;
      case 'remove':
      case 'keep':
        return undefined;
    }
  }
}

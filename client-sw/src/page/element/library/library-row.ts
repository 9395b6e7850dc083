/** One download in the list: its title, and its `<stowaway-download>`. */
import type { Download } from '../../../protocol/download.ts';
import type { Downloads } from '../../api.ts';
import { element, setText } from '../shadow.ts';

export class LibraryRow {
  readonly root = element('li', '', 'item');
  readonly #title = element('p', 'title', 'title');
  readonly #control = document.createElement('stowaway-download');

  constructor(downloads: Downloads, { tag, selection, manifestUrl }: Download) {
    this.#title.dir = 'auto';
    this.#control.tag = tag;
    this.#control.selection = selection;
    const server = serverOf(manifestUrl, tag);
    if (server === undefined || server === downloads.server) this.#control.downloads = downloads;
    else this.#control.setAttribute('server', server);
    this.root.append(this.#title, this.#control);
  }

  show({ title }: Download, address: string | undefined, locale: string | undefined): void {
    if (locale === undefined) this.#control.removeAttribute('lang');
    else if (this.#control.lang !== locale) this.#control.lang = locale;
    if (!address) {
      setText(this.#title, title);
      return;
    }
    const link = this.#title.querySelector('a') ?? element('a', '', 'link');
    link.href = address;
    setText(link, title);
    if (!link.parentNode) this.#title.replaceChildren(link);
  }
}

/** The base address that the manifest of a tag lies under. */
function serverOf(manifestUrl: string, tag: string): string | undefined {
  const path = `tags/${tag}/manifest.json`;
  const [address = ''] = manifestUrl.split(/[?#]/);
  return address.endsWith(path) ? address.slice(0, -path.length) : undefined;
}

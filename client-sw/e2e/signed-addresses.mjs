/**
 * Stands for a CDN that wants signed addresses: content whose signature is not, or no longer, valid is refused, and every
 * manifest that is asked for has addresses that are. A signature is one of a folder, as a CDN's policies are: a blob's parts
 * are asked for with the blob's own.
 */
import { createHmac } from 'node:crypto';

const CONTENT_FOLDER = /^(?:\/blobs\/[0-9a-f]{64}\/|\/tags\/[^/]+\/releases\/\d+\/(?=pieces\.json$))/;
const ADDRESS_KEYS = new Set(['href', 'hrefs']);
const REFUSAL = { status: 403, headers: { 'Content-Type': 'application/xml' } };

export class SignedAddresses {
  #proxy;
  #manifest;
  #origin;
  #period = 0;

  /**
   * @param proxy refuses, and answers the manifest
   * @param manifest as the server has it
   * @param origin where content is to be asked for, if not where the manifest is. Refusals have no CORS headers.
   */
  constructor({ proxy, manifest, origin = '' }) {
    this.#proxy = proxy;
    this.#manifest = manifest;
    this.#origin = origin;
    proxy.guard = (path, incoming) => this.#judge(path, incoming);
    this.expire();
  }

  /** From now on no address counts that was handed out before. */
  expire() {
    this.#period += 1;
    const body = JSON.stringify(this.#manifest, (key, value) => this.#signed(key, value));
    this.#proxy.overlay.set(this.manifestPath, { type: 'application/webpub+json', body });
  }

  get manifestPath() {
    return `/tags/${this.#manifest.download.tag}/manifest.json`;
  }

  #judge(path, incoming) {
    const folder = CONTENT_FOLDER.exec(path)?.[0];
    if (folder === undefined) return undefined;
    const signature = new URLSearchParams(incoming.url.split('?')[1]).get('signature');
    if (signature !== this.#sign(folder)) return REFUSAL;
    incoming.url = path; // The server knows of no signature, and refuses what it does not know.
    return undefined;
  }

  #signed(key, value) {
    if (!ADDRESS_KEYS.has(key)) return value;
    return Array.isArray(value) ? value.map((href) => this.#address(href)) : this.#address(value);
  }

  #address(href) {
    const folder = CONTENT_FOLDER.exec(href)?.[0];
    return folder === undefined ? href : `${this.#origin}${href}?signature=${this.#sign(folder)}`;
  }

  #sign(folder) {
    return createHmac('sha256', `key of period ${this.#period}`).update(folder).digest('hex');
  }
}

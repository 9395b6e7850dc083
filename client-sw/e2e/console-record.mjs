/** Keeps what the pages of a browser say: console lines, uncaught errors, failed requests. */

const KEPT_LINES = 200;

export class ConsoleRecord {
  #lines = [];
  #startMs = performance.now();

  add(source, text) {
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(1).padStart(6);
    this.#lines.push(`${seconds} s ${source}: ${text}`);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  /** Playwright's and puppeteer's pages have these events in common. */
  follow(page) {
    page.on('console', (message) => this.add(`console.${message.type()}`, message.text()));
    page.on('pageerror', (error) => this.add('uncaught', error.stack ?? error.message));
    page.on('requestfailed', (request) => this.add('request failed', `${request.method()} ${request.url()}`));
  }

  toString() {
    return this.#lines.join('\n');
  }
}

/**
 * A site of somebody else: another host, a page, and a service worker of its own. What Stowaway adds to it comes from the
 * Stowaway server, as the package's README shows.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { HOST } from './ports.mjs';

/** Another site than the server's, not only another port of its own. */
const SITE_HOST = 'localhost';

export class Site {
  #server;
  #files;

  /**
   * @param stowawayUrl origin of the Stowaway server
   * @param tag what its page offers to download
   * @param transport how, where that is not left to the library
   * @param files address → { type, text }, where it is another site than that
   */
  constructor({ stowawayUrl, tag, transport, files }) {
    this.#files = new Map(
      Object.entries(
        files ?? {
          '/': { type: 'text/html', text: page(stowawayUrl, tag, transport) },
          '/sw.js': { type: 'text/javascript', text: worker(stowawayUrl) },
        },
      ),
    );
  }

  get url() {
    return `http://${SITE_HOST}:${this.#server.address().port}`;
  }

  async up() {
    this.#server = createServer((incoming, outgoing) => this.#answer(incoming, outgoing));
    this.#server.listen(0, HOST);
    await once(this.#server, 'listening');
  }

  async down() {
    if (!this.#server?.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(incoming, outgoing) {
    const file = this.#files.get(incoming.url.replace(/\?.*/, ''));
    outgoing.writeHead(file ? 200 : 404, {
      'Content-Type': `${file?.type ?? 'text/plain'}; charset=utf-8`,
      'Cache-Control': 'no-cache',
    });
    outgoing.end(file?.text ?? 'not here');
  }
}

function page(stowawayUrl, tag, transport) {
  return `<!doctype html>
<html lang="en">
<title>A site of its own</title>
<link rel="icon" href="data:,">
<script type="module" src="${stowawayUrl}/client/stowaway-element.js"></script>${transport ? choosing(stowawayUrl, transport) : ''}
<h1>A site of its own</h1>
<stowaway-download tag="${tag}" server="${stowawayUrl}"></stowaway-download>
</html>`;
}

function choosing(stowawayUrl, transport) {
  return `
<script type="module">
import { createDownloads } from '${stowawayUrl}/client/stowaway.js';
import { useDownloads } from '${stowawayUrl}/client/stowaway-element.js';
useDownloads(createDownloads({ server: '${stowawayUrl}', transport: '${transport}' }));
</script>`;
}

/** It answers one address itself, as a proof that its own listeners still get what Stowaway leaves. */
function worker(stowawayUrl) {
  return `importScripts('${stowawayUrl}/client/stowaway-sw.js');
stowaway.install(self, { server: '${stowawayUrl}' });
self.addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname === '/from-the-worker') event.respondWith(new Response('its own'));
});`;
}

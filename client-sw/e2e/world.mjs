/**
 * Everything one test stands on: a copy of the published data, the real server, the proxy in front of it that the
 * browser talks to, and the browsers it opens. Whatever was opened is closed by `dispose`.
 */
import { openChromium } from './chromium.mjs';
import { loadOverlay } from './client-overlay.mjs';
import { FaultProxy } from './fault-proxy.mjs';
import { openFirefox } from './firefox.mjs';
import { findFreePort, refuses } from './ports.mjs';
import { endProcessesOf, killProcessesOf } from './processes.mjs';
import { Server } from './server.mjs';
import { Site } from './site.mjs';
import { openUnwatchedChromium } from './unwatched-chromium.mjs';
import { openWebKit } from './webkit.mjs';

const OPENERS = {
  chromium: openChromium,
  'unwatched chromium': openUnwatchedChromium,
  firefox: openFirefox,
  webkit: openWebKit,
};

export class World {
  browsers = [];
  #sites = [];
  #moreServers = [];
  #workspace;

  static async create({ binary, workspace, fixtures }) {
    const world = new World();
    world.#workspace = workspace;
    world.fixtures = fixtures;
    world.dataFolder = workspace.copyFolder(fixtures.dataFolder, 'data');
    const port = await findFreePort();
    world.server = new Server({ binary, dataFolder: world.dataFolder, port });
    world.proxy = new FaultProxy({ port: await findFreePort(), targetPort: port });
    if (process.env.STOWAWAY_CLIENT_DIST) world.proxy.overlay = loadOverlay(process.env.STOWAWAY_CLIENT_DIST);
    return world;
  }

  /** The origin that browsers use; the same over restarts. */
  get url() {
    return this.proxy.url;
  }

  async start() {
    await this.server.start();
    await this.proxy.up();
  }

  /** Another server on the same store and database; the proxy asks both in turn. */
  async addServer() {
    const server = new Server({
      binary: this.server.binary,
      dataFolder: this.dataFolder,
      port: await findFreePort(),
    });
    this.#moreServers.push(server);
    await server.start();
    this.proxy.balance([this.server, ...this.#moreServers].map(({ port }) => port));
    return server;
  }

  /** @param options what the browser has to know from the start: `roomBytes` (Firefox), `words` (Chromium) */
  async openBrowser(name, options) {
    const profileFolder = this.#workspace.makeFolder(`profile-${name}`);
    const browser = await OPENERS[name](profileFolder, options);
    this.browsers.push({ browser, profileFolder, options });
    return browser;
  }

  /** Ends a browser as a power cut would. */
  killBrowser(browser) {
    killProcessesOf(this.#entryOf(browser).profileFolder);
  }

  /** The same profile, and the same options, in a new process; the old one has been closed or killed. */
  async reopenBrowser(browser) {
    const entry = this.#entryOf(browser);
    await endProcessesOf(entry.profileFolder);
    entry.browser = await OPENERS[browser.name](entry.profileFolder, entry.options);
    return entry.browser;
  }

  #entryOf(browser) {
    return this.browsers.find((one) => one.browser === browser);
  }

  /** A site on another origin that offers a tag of this server. */
  openSite(tag, transport) {
    return this.#openSite({ stowawayUrl: this.url, tag, transport });
  }

  /** A site of these files: address → { type, text }. */
  serveFiles(files) {
    return this.#openSite({ files });
  }

  async #openSite(options) {
    const site = new Site(options);
    this.#sites.push(site);
    await site.up();
    return site;
  }

  /** The current manifest, asked for directly so that the proxy sees browsers only. */
  async loadManifest(tag) {
    return this.#load(`/tags/${tag}/manifest.json`);
  }

  /** The release piece index of a manifest. */
  async loadPieceIndex(manifest) {
    return this.#load(manifest.download.pieces.href);
  }

  /** Ends server and proxy, the server without a chance to say goodbye; the origin refuses connections afterwards. */
  async goAway() {
    await this.proxy.down();
    await this.server.stop('SIGKILL');
    if (!(await refuses(this.server.port))) throw new Error('the server is still there');
  }

  async comeBack() {
    await this.server.start();
    await this.proxy.up();
  }

  async dispose() {
    const errors = [];
    const attempt = (action) => action().catch((error) => errors.push(error));
    for (const { browser, profileFolder } of this.browsers) {
      await attempt(() => browser.close());
      await attempt(async () => this.#workspace.remove(profileFolder));
    }
    for (const site of this.#sites) await attempt(() => site.down());
    await attempt(() => this.proxy.down());
    for (const server of [this.server, ...this.#moreServers]) await attempt(() => server.stop());
    await attempt(async () => this.#workspace.remove(this.dataFolder));
    if (errors.length > 0) throw new AggregateError(errors, 'cleaning up failed');
  }

  async #load(path) {
    const answer = await fetch(this.server.url + path);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  }
}

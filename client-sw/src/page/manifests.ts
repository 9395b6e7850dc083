/** Loads manifests and remembers them, so that a click need not wait for the network. */
import { ManifestError } from '../errors/manifest-error.ts';
import { asNetworkError, NetworkError } from '../errors/network-error.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Database } from '../storage/database.ts';
import { loadDownloads } from '../storage/downloads.ts';
import { loadEngine } from './load-engine.ts';

/** A manifest is small: a server that takes longer is away. */
const LONGEST_WAIT_MS = 30_000;

export class Manifests {
  readonly #db: Database;
  readonly #known = new Map<string, Manifest>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** What was loaded before, without looking whether it is still current. */
  known(url: string): Manifest | undefined {
    return this.#known.get(url);
  }

  /**
   * From the network; as stored, when that is away.
   * @throws NetworkError, ManifestError
   */
  async load(url: string): Promise<Manifest> {
    const manifest = await this.#fetch(url, 'default').catch(async (error: unknown) => {
      const stored = (await loadDownloads(this.#db)).reverse().find((record) => record.manifestUrl === url);
      if (
        !stored ||
        (error instanceof NetworkError && error.code !== 'network' && error.code !== 'server-error')
      )
        throw error;
      return (stored.kept ?? stored).manifest;
    });
    this.#known.set(url, manifest);
    return manifest;
  }

  /**
   * As the server has it now, whatever the browser's cache remembers.
   * @throws NetworkError, ManifestError
   */
  async refresh(url: string): Promise<Manifest> {
    const manifest = await this.#fetch(url, 'no-cache');
    this.#known.set(url, manifest);
    return manifest;
  }

  async #fetch(url: string, cache: RequestCache): Promise<Manifest> {
    const headers = { Accept: 'application/webpub+json' };
    const signal = AbortSignal.timeout(LONGEST_WAIT_MS);
    const response = await fetch(url, { cache, headers, signal }).catch((error) => {
      throw asNetworkError(error, url);
    });
    if (!response.ok) throw new NetworkError(url, response.status);
    const manifest = await parse(url, response);
    // A page that is not secure cannot compute it, and may not download either.
    if (isSecureContext) await (await loadEngine()).verifyManifest(manifest);
    return manifest;
  }
}

/** @throws ManifestError when it is none, or has nothing to choose from */
async function parse(url: string, response: Response): Promise<Manifest> {
  try {
    const manifest: Manifest = await response.json();
    if (manifest.download.selections.length > 0) return manifest;
  } catch (cause) {
    throw new ManifestError(`${url} is not a Stowaway manifest.`, { cause });
  }
  throw new ManifestError(`The manifest at ${url} has no selections.`);
}

/** A worker-like context for node: IndexedDB, Web Locks, and a `fetch` over the answers of a release. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, vi } from 'vitest';
import type { Downloads } from '../../src/page/api.ts';
import { draftDownload } from '../../src/page/draft.ts';
import type { ChannelMessage } from '../../src/protocol/messages.ts';
import { Database } from '../../src/storage/database.ts';
import { registerDownload } from '../../src/storage/register-download.ts';
import type { DownloadRecord } from '../../src/storage/schema.ts';
import type { Environment } from '../../src/transport/environment.ts';
import { recordAssets } from '../../src/transport/inventory.ts';
import { type PublishOptions, publish, type Release } from './release.ts';

// Page and worker live at the origin of the server that the tests' releases come from.
globalThis.location ??= new URL('https://example.org/') as unknown as typeof location;

let databases = 0;

/** An environment with a database of its own; `heard` is what it announced. */
export function createEnvironment(): Environment & { heard: ChannelMessage[] } {
  databases += 1;
  const heard: ChannelMessage[] = [];
  return {
    db: new Database(`stowaway-test-${databases}`),
    concurrency: 2,
    announce: (message) => heard.push(message),
    heard,
  };
}

/** Registers a release as a download that is to be fetched. */
export async function register(
  { db }: Environment,
  { manifest, manifestUrl }: Release,
  change: Partial<DownloadRecord> = {},
): Promise<DownloadRecord> {
  const record = { ...draftDownload(manifest, manifestUrl, 'everything'), ...change };
  await registerDownload(db, record, recordAssets(record));
  return record;
}

/** One answer of the fake network: the bytes as they are, or a fault. */
export type Fault = (body: Uint8Array<ArrayBuffer>) => Response | Promise<Response>;

export interface FakeNetwork {
  /** Paths asked for, in order. */
  asked: string[];
  /** The next answer for a path that contains `part` is this one. */
  fault(part: string, fault: Fault): void;
  /** Every request fails while it is true. */
  down: boolean;
}

/** Puts a `fetch` over the answers of releases in place. */
export function stubNetwork(...releases: Release[]): FakeNetwork {
  const faults: [string, Fault][] = [];
  const network: FakeNetwork = {
    asked: [],
    down: false,
    fault: (part, fault) => faults.push([part, fault]),
  };
  vi.stubGlobal('fetch', async (input: string | Request, init: RequestInit = {}) => {
    const path = decodeURIComponent(new URL(typeof input === 'string' ? input : input.url).pathname);
    network.asked.push(path);
    if (network.down) throw new TypeError('Failed to fetch');
    const body = releases.map((release) => release.answers.get(path)).find((answer) => answer !== undefined);
    const index = faults.findIndex(([part]) => path.includes(part));
    if (index >= 0)
      return Promise.race([faults.splice(index, 1)[0]?.[1](body ?? new Uint8Array()), aborted(init.signal)]);
    return body ? new Response(body) : new Response('', { status: 404 });
  });
  return network;
}

/** A request that is stopped fails, as in a browser. */
function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) =>
    signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))),
  );
}

/** Web Locks and the online event, as far as the transports use them. */
export function stubContext(): void {
  const tails = new Map<string, Promise<unknown>>();
  const waiting: { name: string }[] = [];
  const request = async (name: string, ...rest: [LockedBody] | [{ ifAvailable?: boolean }, LockedBody]) => {
    const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
    const before = tails.get(name);
    if (before && options.ifAvailable) return body(null);
    if (before) waiting.push({ name });
    const mine = (before ?? Promise.resolve()).then(() => {
      if (before)
        waiting.splice(
          waiting.findIndex((one) => one.name === name),
          1,
        );
      return body({ name });
    });
    const tail = mine.catch(() => undefined);
    tails.set(name, tail);
    await tail;
    if (tails.get(name) === tail) tails.delete(name);
    return mine;
  };
  const query = async () => ({ pending: [...waiting] });
  vi.stubGlobal('navigator', { locks: { request, query }, onLine: true, userAgent: '' });
}

type LockedBody = (lock: { name: string } | null) => Promise<unknown>;

export interface Prepared {
  environment: ReturnType<typeof createEnvironment>;
  release: Release;
  network: FakeNetwork;
}

/** A context in which a release of assets with these sizes is published. */
export async function prepareRelease(
  sizes: Record<string, number>,
  options?: PublishOptions,
): Promise<Prepared> {
  stubContext();
  const environment = createEnvironment();
  const release = await publish(sizes, options);
  return { environment, release, network: stubNetwork(release) };
}

/** The same for each test of a file: filled in before it, and put away after it with whatever else it has faked. */
export function prepareEach(sizes: Record<string, number>): Prepared {
  const given = {} as Prepared;
  beforeEach(async () => {
    Object.assign(given, await prepareRelease(sizes));
  });
  afterEach(async () => {
    vi.useRealTimers();
    await given.environment.db.close();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  return given;
}

/**
 * Does to a stored piece what browsers and disks do.
 * @param bytes what is there instead; nothing, when there are none
 */
export async function spoilPiece(
  { environment, release }: Prepared,
  file: string,
  index: number,
  bytes?: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const piece = release.pieces.get(release.hex(file))?.[index]?.sha256 ?? '';
  await environment.db.transact('spoil', 'pieces', 'readwrite', async (transaction) => {
    const store = transaction.objectStore('pieces');
    if (bytes) store.put(new Blob([bytes]), piece);
    else store.delete(piece);
  });
}

/** What a page adds to that, for the page library as a whole. */
export function stubPage(href: string): void {
  stubContext();
  const { locks } = navigator;
  const storage = {
    estimate: async () => ({ usage: 1_000_000, quota: 9_000_000 }),
    persisted: async () => false,
  };
  vi.stubGlobal('navigator', { locks, storage, onLine: true, language: 'en', userAgent: 'Engine/1' });
  vi.stubGlobal('location', new URL(href));
  vi.stubGlobal('isSecureContext', true);
  for (const name of ['addEventListener', 'removeEventListener']) vi.stubGlobal(name, () => undefined);
}

/** A body that ends in an error after these bytes, as a cut connection does. */
export function broken(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError('network error'));
      else controller.enqueue(bytes);
      sent = true;
    },
  });
}

/** Closes a library, and leaves nothing of what it has downloaded: the tests of a file share the database. */
export async function putAway(downloads: Downloads): Promise<void> {
  for (const { id } of await downloads.list()) await downloads.remove(id);
  downloads.close();
}

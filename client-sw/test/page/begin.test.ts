/** How a download begins: what is picked, what a person does meanwhile, and what two tabs do at once. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { beginDownload } from '../../src/page/begin.ts';
import { createDownloads } from '../../src/page/downloads.ts';
import { draftDownload } from '../../src/page/draft.ts';
import type { CapableRegistration } from '../../src/protocol/background-fetch.ts';
import { loadDownload } from '../../src/storage/downloads.ts';
import { removeDownload } from '../../src/storage/sweep.ts';
import { change } from '../../src/transport/change.ts';
import { driveDownload } from '../../src/transport/drive.ts';
import { createEnvironment, register, stubContext, stubNetwork, stubPage } from '../support/context.ts';
import { publish, type Release } from '../support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
/** Ids of the fetches that the fake browser runs. */
let running: Set<string>;
/** How many fetches were ended. */
let ended: number;
/** What happens while the browser starts a fetch. */
let meanwhile: () => Promise<unknown>;
let registration: CapableRegistration;

beforeEach(async () => {
  stubContext();
  environment = createEnvironment();
  release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  stubNetwork(release);
  running = new Set();
  ended = 0;
  meanwhile = async () => undefined;
  const backgroundFetch = {
    getIds: async () => [...running],
    get: async (id: string) => (running.has(id) ? { result: '', abort: async () => end(id) } : undefined),
    fetch: async (id: string) => {
      await meanwhile();
      running.add(id);
    },
  };
  registration = { active: {}, backgroundFetch } as unknown as CapableRegistration;
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

/** Ends a fetch, as the page asks. */
function end(id: string): boolean {
  ended += 1;
  return running.delete(id);
}

const begin = (wanted: 'auto' | 'background-fetch' = 'auto') =>
  beginDownload(
    environment,
    registration,
    wanted,
    draftDownload(release.manifest, release.manifestUrl, 'everything'),
  );

test('picks Background Fetch where there is one', async () => {
  expect(await begin()).toMatchObject({ state: 'downloading', transport: 'background-fetch' });
  expect(running.size).toBe(1);
});

test('a cancel while the browser starts the fetch ends that fetch', async () => {
  meanwhile = () => removeDownload(environment.db, 't');
  await begin();
  expect([...running]).toEqual([]);
});

test('a pause while the browser starts the fetch ends that fetch', async () => {
  meanwhile = () => change(environment, 't', { type: 'pause', reason: 'user' });
  expect(await begin()).toMatchObject({ state: 'paused', pauseReason: 'user' });
  expect([...running]).toEqual([]);
});

test('a browser that never answers is not waited for, and what it starts later ends at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  let start = () => {};
  let asked = false;
  meanwhile = () => {
    asked = true;
    return new Promise<void>((resolve) => {
      start = resolve;
    });
  };
  const begun = begin();
  while (!asked) await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await begun).toMatchObject({ state: 'downloading', transport: 'pieces' });
  vi.useRealTimers();
  start();
  await vi.waitFor(() => expect(ended).toBe(1));
  info.mockRestore();
});

test('what is stored already needs no Background Fetch, forced or not', async () => {
  await register(environment, release);
  await driveDownload(environment, 't', new AbortController().signal);
  expect(await begin('background-fetch')).toMatchObject({ state: 'downloading', transport: 'pieces' });
  expect(running.size).toBe(0);
  await driveDownload(environment, 't', new AbortController().signal);
  expect(await loadDownload(environment.db, 't')).toMatchObject({ state: 'complete' });
});

test('a page that is not secure is told so before anything is stored', async () => {
  stubPage(release.manifestUrl);
  vi.stubGlobal('isSecureContext', false);
  const downloads = createDownloads({ serviceWorker: false });
  await expect(downloads.start('t', { manifest: release.manifest })).rejects.toMatchObject({
    code: 'unsupported',
  });
  expect(await downloads.list()).toEqual([]);
  downloads.close();
});

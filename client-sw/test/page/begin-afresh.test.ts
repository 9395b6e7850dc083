/** A download that goes on after a pause: what a Background Fetch is asked for must not have run out. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadEngine } from '../../src/page/load-engine.ts';
import type { CapableRegistration } from '../../src/protocol/background-fetch.ts';
import { loadDownload } from '../../src/storage/downloads.ts';
import type { DownloadRecord } from '../../src/storage/schema.ts';
import { type createEnvironment, type FakeNetwork, prepareRelease, register } from '../support/context.ts';
import { encodeManifest, type Release, signed } from '../support/release.ts';

let environment: ReturnType<typeof createEnvironment>;
let release: Release;
let network: FakeNetwork;
/** Signatures of what the fake browser was told to fetch. */
let signatures: (string | null)[];
let registration: CapableRegistration;
const never = new AbortController().signal;

beforeEach(async () => {
  ({ environment, release, network } = await prepareRelease({ 'a.mp4': 3500, 'b.m4a': 800 }));
  signatures = [];
  const backgroundFetch = {
    getIds: async () => [],
    get: async () => undefined,
    fetch: async (_: string, requests: (Request | string)[]) => {
      const urls = requests.map((request) => (typeof request === 'string' ? request : request.url));
      const media = urls.filter((url) => url.includes('/blobs/'));
      signatures = media.map((url) => new URL(url).searchParams.get('signature'));
    },
  };
  registration = { active: {}, backgroundFetch } as unknown as CapableRegistration;
  release.answers.set('/tags/t/manifest.json', encodeManifest(signed(release, 'new')));
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

async function goOn(change: Partial<DownloadRecord> = {}) {
  const old = { ...release, manifest: signed(release, 'old') };
  const record = await register(environment, old, { state: 'paused', pauseReason: 'user', ...change });
  const { beginDownload } = await loadEngine();
  return beginDownload(environment, registration, 'auto', record, never);
}

test('signed addresses are renewed before Background Fetch is asked', async () => {
  expect(await goOn()).toMatchObject({ state: 'downloading', transport: 'background-fetch' });
  expect(signatures).toEqual(['new', 'new']);
  expect(JSON.stringify(await loadDownload(environment.db, 't'))).not.toContain('signature=old');
});

test('nobody is asked for addresses that the caller has just loaded', async () => {
  const { beginDownload, takeGiven } = await loadEngine();
  const old = { ...release, manifest: signed(release, 'old') };
  const record = await register(environment, old, { state: 'paused', pauseReason: 'user' });
  const manifest = signed(release, 'given');
  expect(await takeGiven(environment, record, manifest)).toBe(true);
  await beginDownload(environment, registration, 'auto', { ...record, manifest }, never, true);
  expect(signatures).toEqual(['given', 'given']);
  expect(network.asked).toEqual([]);
});

test('without a network it begins with those that it has', async () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  network.down = true;
  expect(await goOn()).toMatchObject({ state: 'downloading' });
  expect(signatures).toEqual(['old', 'old']);
  info.mockRestore();
});

test('over a network that may not be used nothing is asked', async () => {
  vi.stubGlobal('navigator', { ...navigator, connection: { type: 'cellular' } });
  expect(await goOn({ policy: { metered: 'wait' } })).toMatchObject({ pauseReason: 'metered' });
  expect(network.asked).toEqual([]);
});

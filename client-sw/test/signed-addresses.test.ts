/** Signed addresses that run out: a fresh manifest of the same release has others, for drivers and for players. */
import { expect, test, vi } from 'vitest';
import { applyEvent, loadDownload } from '../src/storage/downloads.ts';
import { removeDownload } from '../src/storage/sweep.ts';
import { answerBlob } from '../src/sw/answer-blob.ts';
import { driveDownload } from '../src/transport/drive.ts';
import { findOtherAddress } from '../src/transport/other-address.ts';
import { renewAddresses, takeAddresses } from '../src/transport/renew-addresses.ts';
import { prepareEach, register, spoilPiece } from './support/context.ts';
import { encodeManifest, publish, sha256, signed } from './support/release.ts';

const given = prepareEach({ 'a.mp4': 3500, 'b.m4a': 800 });
const never = new AbortController().signal;

const record = () => loadDownload(given.environment.db, 't');

/** From now on the server's manifest has this signature, and whoever asks with another one gets `refusal`. */
function admitOnly(signature: string, refusal: () => Promise<Response>) {
  const asked: string[] = [];
  let admitted = signature;
  const admit = (other: string) => {
    admitted = other;
    given.release.answers.set('/tags/t/manifest.json', encodeManifest(signed(given.release, other)));
  };
  admit(signature);
  const inner = fetch;
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    asked.push(url);
    const wrong = url.includes('signature=') && !url.endsWith(`signature=${admitted}`);
    return wrong && !given.network.down ? refusal() : inner(url, init);
  });
  return { asked, admit };
}

/** The browser tells that it is online whenever somebody waits for it. */
function endWaits(onWait: () => void = () => undefined): void {
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  const timers = new Map<() => void, ReturnType<typeof setTimeout>>();
  vi.stubGlobal('addEventListener', (_: string, listen: () => void) => {
    onWait();
    timers.set(listen, setTimeout(listen, 0));
  });
  vi.stubGlobal('removeEventListener', (_: string, listen: () => void) => clearTimeout(timers.get(listen)));
}

const forbidden = async () => new Response('', { status: 403 });
/** What a page sees of a refusal without CORS headers. */
const silent = () => Promise.reject(new TypeError('Failed to fetch'));
const isManifest = (url: string) => url.endsWith('/tags/t/manifest.json');

test('signed addresses that have run out are renewed through the manifest, once', async () => {
  const { asked } = admitOnly('new', forbidden);
  await register(given.environment, { ...given.release, manifest: signed(given.release, 'old') });
  await driveDownload(given.environment, 't', never);
  expect(await record()).toMatchObject({ state: 'complete' });
  const answered = await answerBlob(
    given.environment,
    new Request(`${given.release.url('a.mp4')}?signature=new`),
  );
  expect(sha256(new Uint8Array(await answered.arrayBuffer()))).toBe(given.release.hex('a.mp4'));
  expect(asked.filter(isManifest)).toHaveLength(1);
});

test('addresses that somebody else has brought meanwhile are used, and nobody is asked for others', async () => {
  const before = await register(given.environment, {
    ...given.release,
    manifest: signed(given.release, 'old'),
  });
  await takeAddresses(given.environment.db, before, signed(given.release, 'new'));
  expect(await renewAddresses(given.environment.db, before, never)).toBe(true);
  expect(given.network.asked).toEqual([]);
});

test("what the tag names no longer is renewed through the release's own manifest", async () => {
  const { asked } = admitOnly('new', forbidden);
  const own = given.release.answers.get('/tags/t/manifest.json') ?? new Uint8Array();
  const next = await publish({ 'a.mp4': 900 }, { release: 2 });
  given.release.answers.set('/tags/t/manifest.json', encodeManifest(next.manifest));
  given.release.answers.set('/tags/t/releases/1/manifest.json', own);
  await register(given.environment, { ...given.release, manifest: signed(given.release, 'old') });
  await driveDownload(given.environment, 't', never);
  expect(await record()).toMatchObject({ state: 'complete', release: 1 });
  expect(asked.filter((url) => url.includes('manifest.json'))).toEqual([
    'https://example.org/tags/t/manifest.json',
    'https://example.org/tags/t/releases/1/manifest.json',
  ]);
});

test.each([
  ['a removal', () => removeDownload(given.environment.db, 't'), undefined],
  ['a pause', () => applyEvent(given.environment.db, 't', { type: 'pause', reason: 'user' }), 'paused'],
] as const)('a renewal does not undo %s that comes beside it', async (_, act, state) => {
  await register(given.environment, { ...given.release, manifest: signed(given.release, 'old') });
  const before = await record();
  if (!before) throw new Error('not registered');
  admitOnly('new', forbidden);
  const transact = given.environment.db.transact.bind(given.environment.db);
  const acting = vi.fn(act);
  // Whatever a renewal looks up first, the person acts right after it.
  vi.spyOn(given.environment.db, 'transact').mockImplementation(
    async (...args: Parameters<typeof transact>) => {
      const answer = await transact(...args);
      if (acting.mock.calls.length === 0) await acting();
      return answer;
    },
  );
  await renewAddresses(given.environment.db, before, never);
  expect(acting).toHaveBeenCalledOnce();
  expect((await record())?.state).toBe(state);
});

test('a refusal that a fresh manifest does not change is a failure, said as what it is', async () => {
  await register(given.environment, given.release);
  given.network.fault('/pieces/', () => new Response('', { status: 403 }));
  given.network.fault('/pieces/', () => new Response('', { status: 403 }));
  await driveDownload(given.environment, 't', never);
  expect(await record()).toMatchObject({ state: 'failed', error: { code: 'forbidden' } });
});

test('a silence that a fresh manifest could not end at first is taken for a refusal later', async () => {
  endWaits();
  const { asked } = admitOnly('new', silent);
  await register(given.environment, { ...given.release, manifest: signed(given.release, 'old') });
  given.network.down = true;
  const driving = driveDownload(given.environment, 't', never);
  await vi.waitFor(() => expect(asked.filter(isManifest).length).toBeGreaterThan(0));
  given.network.down = false;
  await driving;
  expect(await record()).toMatchObject({ state: 'complete' });
});

test('a refusal that can be read is renewed, though a silence before it was', async () => {
  endWaits();
  const { asked, admit } = admitOnly('first', forbidden);
  const inner = fetch;
  let mediaAreSilent = true;
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) =>
    url.includes('/blobs/') && mediaAreSilent ? silent() : inner(url, init),
  );
  await register(given.environment, { ...given.release, manifest: signed(given.release, 'old') });
  const driving = driveDownload(given.environment, 't', never);
  await vi.waitFor(async () => expect(JSON.stringify(await record())).toContain('signature=first'));
  // Away for longer than a signature lives.
  given.network.down = true;
  const before = asked.filter(isManifest).length;
  await vi.waitFor(() => expect(asked.filter(isManifest).length).toBeGreaterThan(before + 1));
  admit('second');
  mediaAreSilent = false;
  given.network.down = false;
  await driving;
  expect(await record()).toMatchObject({ state: 'complete' });
});

test('a silence is no reason to ask for the manifest more than once between two waits', async () => {
  const events: string[] = [];
  endWaits(() => events.push('wait'));
  vi.stubGlobal('fetch', askingFreshly(fetch, events));
  await register(given.environment, { ...given.release, manifest: signed(given.release, '0') });
  const stop = new AbortController();
  const driving = driveDownload(given.environment, 't', stop.signal);
  await vi.waitFor(() => expect(events.filter((event) => event === 'wait').length).toBeGreaterThan(5));
  stop.abort();
  await driving;
  expect(events).toContain('manifest');
  expect(events.join()).not.toContain('manifest,manifest');
});

/** Media never answer, and every manifest has another signature. */
function askingFreshly(inner: typeof fetch, events: string[]): typeof fetch {
  return async (input, init) => {
    const url = String(input);
    if (url.includes('/blobs/')) return silent();
    if (!isManifest(url)) return inner(input, init);
    events.push('manifest');
    return new Response(encodeManifest(signed(given.release, String(events.length))));
  };
}

test('a question mark in a title is no signature', async () => {
  let waits = 0;
  endWaits(() => {
    waits += 1;
  });
  const manifest = structuredClone(given.release.manifest);
  for (const selection of manifest.download.selections) selection.title = 'What is it?';
  await register(given.environment, { ...given.release, manifest });
  given.network.down = true;
  const stop = new AbortController();
  const driving = driveDownload(given.environment, 't', stop.signal);
  await vi.waitFor(() => expect(waits).toBeGreaterThan(3));
  stop.abort();
  await driving;
  expect(given.network.asked.filter(isManifest)).toHaveLength(0);
});

test.each([
  ['can be read', forbidden],
  ['cannot be read', silent],
])(
  'a player whose address has run out gets its piece under a new one, where the refusal %s',
  async (_, refusal) => {
    await register(given.environment, { ...given.release, manifest: signed(given.release, 'old') });
    await driveDownload(given.environment, 't', never);
    const { asked } = admitOnly('new', refusal);
    const ask = async (piece: number) => {
      await spoilPiece(given, 'a.mp4', piece);
      const headers = { Range: `bytes=${1000 * piece}-` };
      const request = new Request(`${given.release.url('a.mp4')}?signature=old`, { headers });
      const answered = await answerBlob(given.environment, request);
      expect(answered.headers.get('content-range')).toContain(`bytes ${1000 * piece}-`);
    };
    await ask(1);
    await ask(2);
    expect(asked.filter(isManifest)).toHaveLength(1);
  },
);

test('a renewal that changes other addresses only does not end the search: another download may have one', async () => {
  await register(
    given.environment,
    { ...given.release, manifest: signed(given.release, 'old') },
    { createdAt: 1 },
  );
  const manifestUrl = 'https://mirror.example/tags/t/manifest.json';
  await register(given.environment, { ...given.release, manifestUrl }, { createdAt: 2 });
  const manifest = signed(given.release, 'old');
  const other = (href: string) => (href.includes('b.m4a') ? `${href}er` : href);
  for (const link of manifest.readingOrder) link.href = other(link.href);
  for (const selection of manifest.download.selections) selection.hrefs = selection.hrefs.map(other);
  given.release.answers.set('/tags/t/manifest.json', encodeManifest(manifest));
  const hex = given.release.hex('a.mp4');
  const refused = `${given.release.url('a.mp4')}?signature=old`;
  const found = await findOtherAddress(given.environment.db, hex, refused, never);
  expect(found).toBe(`https://mirror.example/blobs/${hex}/a.mp4`);
  expect(JSON.stringify(await record())).toContain('signature=older');
});

test('a player whose address no fresh manifest changes is left to the network', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await register(given.environment, { ...given.release, manifest: signed(given.release, 'old') });
  await driveDownload(given.environment, 't', never);
  await spoilPiece(given, 'a.mp4', 1);
  admitOnly('old', forbidden);
  given.network.fault('/pieces/1', () => new Response('', { status: 403 }));
  const request = new Request(`${given.release.url('a.mp4')}?signature=old`, {
    headers: { Range: 'bytes=1000-' },
  });
  vi.stubGlobal('fetch', fetchOrTell(fetch));
  expect(await (await answerBlob(given.environment, request)).text()).toBe('from the network');
  warn.mockRestore();
});

/** The worker hands a request on as it is, and asks for everything else by its address. */
function fetchOrTell(inner: typeof fetch): typeof fetch {
  return async (input, init) =>
    input instanceof Request ? new Response('from the network') : inner(input, init);
}

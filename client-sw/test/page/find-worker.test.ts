/** The worker that a page finds, and what has begun before it is found: Background Sync goes on with that, too. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDownloads } from '../../src/page/downloads.ts';
import { findRegistration } from '../../src/page/registration.ts';
import { stubNetwork, stubPage } from '../support/context.ts';
import { publish } from '../support/release.ts';

const SCOPE = 'https://example.org/';
const SCRIPT = 'https://example.org/sw.js';

let registerWorker: ReturnType<typeof vi.fn>;
let before: ServiceWorkerRegistration | undefined;

beforeEach(() => {
  stubPage('https://example.org/library');
  // As behind a look for an update that has no end.
  registerWorker = vi.fn(() => new Promise(() => undefined));
  before = undefined;
  const serviceWorker = { register: registerWorker, getRegistration: async () => before };
  vi.stubGlobal('navigator', { ...navigator, serviceWorker });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function registrationOf(scriptURL: string, scope = SCOPE): ServiceWorkerRegistration {
  return { scope, active: { scriptURL } } as ServiceWorkerRegistration;
}

test('the worker of an earlier visit is found while the browser looks for an update', async () => {
  before = registrationOf(SCRIPT);
  expect(await findRegistration({})).toBe(before);
});

test.each([
  ['script', registrationOf('https://example.org/older.js')],
  ['place', registrationOf(SCRIPT, 'https://example.org/')],
])('a worker of another %s is not taken for the one that is asked for', async (_, other) => {
  before = other;
  const registration = registrationOf(SCRIPT, 'https://example.org/part/');
  registerWorker.mockResolvedValue(registration);
  expect(await findRegistration({ scope: '/part/' })).toBe(registration);
});

test('with the server away the worker of an earlier visit is as good, whatever its script', async () => {
  registerWorker.mockRejectedValue(new TypeError('Failed to fetch'));
  before = registrationOf('https://example.org/older.js');
  expect(await findRegistration({})).toBe(before);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  before = undefined;
  expect(await findRegistration({})).toBeUndefined();
});

test('what is begun before the worker is found has its sync as soon as it is', async () => {
  stubNetwork(await publish({ 'a.mp4': 3500 }));
  const sync = { register: vi.fn(async () => undefined) };
  let find: (registration: ServiceWorkerRegistration) => void = () => undefined;
  const serviceWorker = new Promise<ServiceWorkerRegistration>((resolve) => (find = resolve));
  const downloads = createDownloads({ serviceWorker, transport: 'pieces' });
  let letGo: () => void = () => undefined;
  // Still under way when the worker is found: another tab drives it.
  const driven = navigator.locks.request(
    'stowaway:t',
    () => new Promise<void>((resolve) => (letGo = resolve)),
  );
  await downloads.start('t');
  await vi.waitFor(async () => expect((await navigator.locks.query()).pending).toHaveLength(1), 5_000);
  expect(sync.register).not.toHaveBeenCalled();
  find({ active: {}, sync } as unknown as ServiceWorkerRegistration);
  await downloads.ready;
  expect(sync.register).toHaveBeenCalledWith('stowaway:t');
  letGo();
  await driven;
  await vi.waitFor(async () => expect(await downloads.get('t')).toMatchObject({ state: 'complete' }), 5_000);
  downloads.close();
});

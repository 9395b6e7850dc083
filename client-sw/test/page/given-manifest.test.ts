/** A manifest that is handed to `start` for a release that is begun already: its addresses are used from then on. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Downloads } from '../../src/page/api.ts';
import { createDownloads } from '../../src/page/downloads.ts';
import { Database } from '../../src/storage/database.ts';
import { loadDownload } from '../../src/storage/downloads.ts';
import { putAway, stubNetwork, stubPage } from '../support/context.ts';
import { publish, type Release, signed } from '../support/release.ts';

let release: Release;
let downloads: Downloads;
let db: Database;
/** The server: which signature it lets in, and what it was asked for. */
let admitted: string;
let asked: string[];

beforeEach(async () => {
  stubPage('https://example.org/library');
  release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  stubNetwork(release);
  admitted = 'old';
  asked = [];
  const inner = fetch;
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    asked.push(url);
    if (url.endsWith('manifest.json')) return new Response('', { status: 403 });
    const refused = url.includes('signature=') && !url.endsWith(`signature=${admitted}`);
    return refused ? new Response('', { status: 403 }) : inner(url, init);
  });
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  db = new Database();
  downloads = createDownloads({ serviceWorker: false });
  await downloads.ready;
});

afterEach(async () => {
  await putAway(downloads);
  await db.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const start = (signature: string) => downloads.start('t', { manifest: signed(release, signature) });

function settlesAs(state: string): Promise<void> {
  return vi.waitFor(async () => expect(await downloads.get('t')).toMatchObject({ state }), 5_000);
}

test('a download that failed because its addresses had run out goes on with those that it is given', async () => {
  admitted = 'new';
  await start('old');
  await settlesAs('failed');
  asked.length = 0;
  await start('new');
  await settlesAs('complete');
  expect(asked.filter((url) => url.includes('manifest.json') || url.includes('signature=old'))).toEqual([]);
});

test('a download that is under way takes them over', async () => {
  const { locks } = navigator;
  let release: () => void = () => undefined;
  // Another tab drives it.
  const driven = locks.request('stowaway:t', () => new Promise<void>((resolve) => (release = resolve)));
  await start('old');
  await settlesAs('downloading');
  admitted = 'new';
  expect(await start('new')).toMatchObject({ state: 'downloading' });
  expect(JSON.stringify(await loadDownload(db, 't'))).not.toContain('signature=old');
  release();
  await driven;
  await settlesAs('complete');
  expect(asked.filter((url) => url.includes('manifest.json'))).toEqual([]);
});

test('what is not the manifest that it says it is changes nothing', async () => {
  admitted = 'none';
  await start('old');
  await settlesAs('failed');
  const forged = signed(release, 'new');
  for (const link of forged.readingOrder) link.href = link.href.replace('/blobs/', '/others/');
  await expect(downloads.start('t', { manifest: forged })).rejects.toMatchObject({ code: 'bad-manifest' });
  expect(JSON.stringify(await loadDownload(db, 't'))).not.toContain('/others/');
});

test('a download that is removed while its addresses are written is not begun anew', async () => {
  admitted = 'none';
  await start('old');
  await settlesAs('failed');
  const { transact } = Database.prototype;
  vi.spyOn(Database.prototype, 'transact').mockImplementation(async function (this: Database, ...args) {
    if (args[0] === 'write a manifest') await downloads.remove('t');
    return transact.apply(this, args);
  });
  await expect(start('new')).rejects.toMatchObject({ code: 'not-downloaded' });
  expect(await downloads.list()).toEqual([]);
});

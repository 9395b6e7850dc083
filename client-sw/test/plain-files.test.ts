/** The pieces transport on a site of plain files, which has no parts: alone in its file, as what an origin has is found out once. */
import { expect, test, vi } from 'vitest';
import { loadDownload } from '../src/storage/downloads.ts';
import { driveDownload } from '../src/transport/drive.ts';
import { createEnvironment, register, stubContext } from './support/context.ts';
import { publish, type Release } from './support/release.ts';

/** No parts, but ranges of what is there: what was asked for, and the ranges among it. */
function servePlainFiles(release: Release, missing: { status: number; type: string }) {
  const asked: string[] = [];
  const ranges: string[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const path = decodeURIComponent(new URL(url).pathname);
    asked.push(path);
    const body = path.includes('/pieces/') ? undefined : release.answers.get(path);
    if (!body) return new Response('', { status: missing.status, headers: { 'Content-Type': missing.type } });
    const range = new Headers(init.headers).get('range');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (first === undefined || last === undefined) return new Response(body);
    ranges.push(`${path} ${range}`);
    return new Response(body.slice(Number(first), Number(last) + 1), { status: 206 });
  });
  return { asked, ranges };
}

async function download(missing: { status: number; type: string }) {
  stubContext();
  const environment = createEnvironment();
  const release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  const network = servePlainFiles(release, missing);
  await register(environment, release);
  await driveDownload(environment, 't', new AbortController().signal);
  const record = await loadDownload(environment.db, 't');
  await environment.db.close();
  return { ...network, release, record };
}

test('a server that says in its own words that there is no such piece is believed', async () => {
  const { record, ranges } = await download({ status: 403, type: 'application/problem+json' });
  expect(record).toMatchObject({ state: 'failed', error: { code: 'forbidden' } });
  expect(ranges).toEqual([]);
});

test.each([403, 404])('where parts answer %i pieces come as ranges of the asset', async (status) => {
  const { record, release, ranges, asked } = await download({ status, type: 'text/html' });
  expect(record).toMatchObject({ state: 'complete', bytesStored: record?.bytesTotal });
  expect(ranges.sort()).toEqual(
    [
      `/blobs/${release.hex('a.mp4')}/a.mp4 bytes=0-3499`,
      `/blobs/${release.hex('b.m4a')}/b.m4a bytes=0-799`,
    ].sort(),
  );
  const parts = asked.filter((path) => path.includes('/pieces/'));
  expect(parts.length, 'and nobody asks for parts again').toBeLessThanOrEqual(status === 403 ? 2 : 0);
});

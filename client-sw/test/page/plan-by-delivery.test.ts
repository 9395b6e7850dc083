/** What a manifest's `delivery` makes of a plan: whole files, parts of 16 MiB and more, or pieces. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { beginDownload } from '../../src/page/begin.ts';
import { draftDownload } from '../../src/page/draft.ts';
import type { CapableRegistration } from '../../src/protocol/background-fetch.ts';
import type { Manifest, Piece } from '../../src/protocol/manifest.ts';
import { putBlobs } from '../../src/storage/put-pieces.ts';
import { createEnvironment, register, stubContext, stubNetwork } from '../support/context.ts';
import { publish, type Release, sealed } from '../support/release.ts';

type Delivery = Manifest['download']['delivery'];

const MIB = 1024 * 1024;
const PIECE_BYTES = 5 * MIB;
const PIECES = 10;
const never = new AbortController().signal;

let environment: ReturnType<typeof createEnvironment>;

beforeEach(() => {
  stubContext();
  environment = createEnvironment();
});

afterEach(async () => {
  await environment.db.close();
  vi.unstubAllGlobals();
});

/** A lesson of 50 MiB in ten pieces, of which nothing is stored, and a small one. */
async function publishLarge(delivery: Delivery): Promise<Release> {
  const release = await publish({ 'a.mp4': 10, 'b.m4a': 800 });
  const [large] = release.manifest.readingOrder;
  if (large) large.size = PIECES * PIECE_BYTES;
  release.manifest.download.delivery = delivery;
  sealed(release.manifest);
  return release;
}

/** How the large lesson is cut, as a client that has seen the index knows it. */
async function learnPieces(release: Release): Promise<void> {
  const pieces: Piece[] = Array.from({ length: PIECES }, (_, i) => ({
    offset: i * PIECE_BYTES,
    length: PIECE_BYTES,
    sha256: `${i}`.repeat(64),
  }));
  const small = release.hex('b.m4a');
  await register(environment, release);
  await putBlobs(environment.db, 't', [
    { hex: release.hex('a.mp4'), size: PIECES * PIECE_BYTES, pieces },
    { hex: small, size: 800, pieces: release.pieces.get(small) ?? [] },
  ]);
}

/** Begins it in a browser that has Background Fetch: the transport, and the paths that Background Fetch is asked for. */
async function begin({ manifest, manifestUrl }: Release) {
  let asked: string[] = [];
  const backgroundFetch = {
    getIds: async () => [],
    get: async () => undefined,
    fetch: async (_id: string, requests: (string | Request)[]) => {
      asked = requests.map(
        (request) => new URL(typeof request === 'string' ? request : request.url).pathname,
      );
    },
  };
  const registration = { active: {}, backgroundFetch } as unknown as CapableRegistration;
  const draft = draftDownload(manifest, manifestUrl, 'everything');
  const { transport } = await beginDownload(environment, registration, 'auto', draft, never);
  return { transport, asked };
}

test('`assets`: whole files, also where it is known how they are cut', async () => {
  const release = await publishLarge('assets');
  await learnPieces(release);
  expect(await begin(release)).toEqual({
    transport: 'background-fetch',
    asked: [`/blobs/${release.hex('a.mp4')}/a.mp4`, `/blobs/${release.hex('b.m4a')}/b.m4a`],
  });
});

test('`parts`: runs of pieces of 16 MiB and more, but for the last', async () => {
  const release = await publishLarge('parts');
  await learnPieces(release);
  const large = `/blobs/${release.hex('a.mp4')}/pieces`;
  // Three pieces are 15 MiB, four are 20.
  expect(await begin(release)).toEqual({
    transport: 'background-fetch',
    asked: [`${large}/0-3`, `${large}/4-7`, `${large}/8-9`, `/blobs/${release.hex('b.m4a')}/pieces/0`],
  });
});

test('`parts` of a first download: it learns first how files are cut', async () => {
  const release = await publish({ 'a.mp4': 3500, 'b.m4a': 800 });
  release.manifest.download.delivery = 'parts';
  sealed(release.manifest);
  const network = stubNetwork(release);
  expect(await begin(release)).toEqual({
    transport: 'background-fetch',
    asked: [`/blobs/${release.hex('a.mp4')}/pieces/0-3`, `/blobs/${release.hex('b.m4a')}/pieces/0`],
  });
  expect(network.asked).toEqual([release.manifest.download.pieces.href]);
});

test('`pieces`: no Background Fetch, though the browser has it', async () => {
  const release = await publishLarge('pieces');
  await learnPieces(release);
  expect(await begin(release)).toEqual({ transport: 'pieces', asked: [] });
});

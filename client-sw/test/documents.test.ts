/** Addresses, canonical JSON, Last-Modified, piece indexes and selections. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  downloadId,
  hexOf,
  manifestUrl,
  parseBlobAddress,
  partUrl,
  serverOf,
  tagOf,
  withoutQuery,
} from '../src/core/address.ts';
import { findSelection, selectionAssets } from '../src/core/assets.ts';
import { canonicalJson } from '../src/core/canonical-json.ts';
import { lastModified } from '../src/core/last-modified.ts';
import { parsePieceIndex } from '../src/core/piece-index.ts';
import { ManifestError } from '../src/errors/manifest-error.ts';
import { publish } from './support/release.ts';

const HEX = 'ab'.repeat(32);

describe('addresses', () => {
  test('a tag becomes its manifest below the server, an address stays itself', () => {
    expect(manifestUrl('https://example.org', 't')).toBe('https://example.org/tags/t/manifest.json');
    expect(manifestUrl('https://example.org/media', 't')).toBe(
      'https://example.org/media/tags/t/manifest.json',
    );
    expect(manifestUrl('https://example.org', 'https://example.com/m.json')).toBe(
      'https://example.com/m.json',
    );
  });

  test('blob addresses are told from piece indexes and other addresses', () => {
    const base = `https://example.org/blobs/${HEX}`;
    expect(parseBlobAddress(`${base}/a.mp4?sig=1`)).toEqual({ kind: 'asset', hex: HEX });
    expect(parseBlobAddress(`${base}/pieces/3`)).toEqual({ kind: 'part', hex: HEX, first: 3, last: 3 });
    expect(parseBlobAddress(`${base}/pieces/3-17`)).toEqual({ kind: 'part', hex: HEX, first: 3, last: 17 });
    expect(parseBlobAddress(`${base}/pieces.json`)).toBeUndefined();
    expect(parseBlobAddress('https://example.org/blobs/abc/a.mp4')).toBeUndefined();
    expect(parseBlobAddress('https://example.org/tags/t/manifest.json')).toBeUndefined();
  });

  test('parts lie beside the asset', () => {
    expect(partUrl(`https://example.org/blobs/${HEX}/a%20b.mp4`, 2, 2)).toBe(
      `https://example.org/blobs/${HEX}/pieces/2`,
    );
    expect(partUrl(`https://example.org/blobs/${HEX}/a.mp4`, 2, 9)).toBe(
      `https://example.org/blobs/${HEX}/pieces/2-9`,
    );
  });

  test('a download of everything is called as its tag, others by tag and selection', () => {
    expect(downloadId('t')).toBe('t');
    expect(downloadId('t', 'audio')).toBe('t+audio');
    expect(downloadId('t', 'audio', 'https://m.example')).toBe('t+audio@https://m.example');
    for (const id of ['t', 't+audio', 't@https://m.example', 't+audio@https://m.example'])
      expect(tagOf(id)).toBe('t');
  });

  test('a manifest comes from its server, and from nowhere else when that is home', () => {
    const home = 'https://example.org';
    expect(serverOf(`${home}/tags/t/manifest.json?key=1`, home)).toBeUndefined();
    expect(serverOf(`${home}/tags/t/releases/3/manifest.json`, home)).toBeUndefined();
    expect(serverOf(`${home}/media/tags/t/manifest.json`, home)).toBe(`${home}/media`);
    expect(serverOf('https://m.example/tags/t/manifest.json', home)).toBe('https://m.example');
    expect(serverOf('https://m.example/shows/one.json', home)).toBe('https://m.example/shows');
  });

  test('a part keeps the signature of its asset', () => {
    expect(partUrl(`https://example.org/blobs/${HEX}/a.mp4?sig=1`, 2, 2)).toBe(
      `https://example.org/blobs/${HEX}/pieces/2?sig=1`,
    );
  });

  test('digests are read strictly, queries are cut off', () => {
    expect(hexOf(`sha256:${HEX}`)).toBe(HEX);
    expect(() => hexOf(`sha256:${HEX.toUpperCase()}`)).toThrow(ManifestError);
    expect(() => hexOf(undefined)).toThrow(ManifestError);
    expect(withoutQuery('https://example.org/a?b#c')).toBe('https://example.org/a');
  });
});

describe('canonical JSON', () => {
  test('sorts keys, leaves out white space and absent members', () => {
    expect(canonicalJson({ b: [1, { d: 'ü', c: null }], a: 20.04, x: undefined })).toBe(
      '{"a":20.04,"b":[1,{"c":null,"d":"ü"}]}',
    );
  });

  test('says the same as JSON, and the same whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

test('Last-Modified is 2026 plus the first three bytes in seconds', () => {
  expect(lastModified(`000000${HEX.slice(6)}`)).toBe('Thu, 01 Jan 2026 00:00:00 GMT');
  expect(lastModified(`00003c${HEX.slice(6)}`)).toBe('Thu, 01 Jan 2026 00:01:00 GMT');
});

describe('piece index', () => {
  const chunker = { algorithm: 'fastcdc-v2020', minimum: 1, average: 2, maximum: 4 };
  const index = (pieces: object[], size = 10, version = 1) =>
    JSON.stringify({ version, chunker, blobs: [{ digest: `sha256:${HEX}`, size, pieces }] });

  test('gives the pieces of each blob', () => {
    const pieces = [
      { offset: 0, length: 4, sha256: HEX },
      { offset: 4, length: 6, sha256: HEX },
    ];
    expect(parsePieceIndex(index(pieces)).get(HEX)?.pieces).toEqual(pieces);
    expect(parsePieceIndex(index([], 0)).get(HEX)?.pieces).toEqual([]);
  });

  test.each([
    ['a gap', index([{ offset: 1, length: 9, sha256: HEX }])],
    [
      'an overlap',
      index([
        { offset: 0, length: 6, sha256: HEX },
        { offset: 5, length: 5, sha256: HEX },
      ]),
    ],
    ['a short sum', index([{ offset: 0, length: 9, sha256: HEX }])],
    ['an empty piece', index([{ offset: 0, length: 0, sha256: HEX }])],
    ['a piece above 4 MiB', index([{ offset: 0, length: 5_000_000, sha256: HEX }], 5_000_000)],
    ['another version', index([{ offset: 0, length: 10, sha256: HEX }], 10, 2)],
    ['no JSON', '<html>'],
  ])('refuses %s', (_, text) => {
    expect(() => parsePieceIndex(text)).toThrow(ManifestError);
  });
});

describe('selections', () => {
  test('name their assets with digest, size and type, nested and alternate ones too', async () => {
    const { manifest, manifestUrl: url } = await publish({ 'a.mp4': 10, 'b.m4a': 5 });
    const [a, b] = manifest.readingOrder;
    if (!a || !b) throw new Error('two lessons were published');
    manifest.readingOrder = [
      { href: '#m', type: 'application/webpub+json', children: [{ ...a, alternate: [b] }] },
    ];
    const assets = selectionAssets(manifest, findSelection(manifest, 'everything'), url);
    expect(assets.map(({ size, type }) => [size, type])).toEqual([
      [10, 'video/mp4'],
      [5, 'audio/mp4'],
    ]);
    expect(assets.reduce((sum, asset) => sum + asset.size, manifest.download.pieces.size)).toBe(
      manifest.download.selections[0]?.downloadTotal,
    );
  });

  test('an unknown one is refused by name, with those there are', async () => {
    const { manifest } = await publish({ 'a.mp4': 10 });
    expect(() => findSelection(manifest, 'video')).toThrow(/"video".*everything/);
  });

  test('one that names what the manifest does not describe is refused', async () => {
    const { manifest, manifestUrl: url } = await publish({ 'a.mp4': 10 });
    manifest.readingOrder = [];
    expect(() => selectionAssets(manifest, findSelection(manifest, 'everything'), url)).toThrow(
      ManifestError,
    );
  });
});

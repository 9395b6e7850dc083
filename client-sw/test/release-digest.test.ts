/** The digest of a release, recomputed: of the manifests that the server's own tests keep, and of changed ones. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ManifestError } from '../src/errors/manifest-error.ts';
import type { Link, Manifest } from '../src/protocol/manifest.ts';
import { verifyManifest } from '../src/transport/verify-manifest.ts';

const SNAPSHOTS = '../../server/domain/tests/domain/snapshots/domain__releases__manifest_of_a_';

function load(name: string): Manifest {
  const text = readFileSync(fileURLToPath(new URL(`${SNAPSHOTS}${name}.snap`, import.meta.url)), 'utf8');
  return JSON.parse(text.slice(text.indexOf('---\n', 4) + 4));
}

function eachLink(links: Link[] | undefined, change: (link: Link) => void): void {
  for (const link of links ?? []) {
    change(link);
    eachLink(link.children, change);
    eachLink(link.alternate, change);
  }
}

test.each(['course', 'podcast'])('the manifest of a %s is the one that its digest names', async (name) => {
  await verifyManifest(load(name));
});

test.each<[string, (manifest: Manifest) => void]>([
  [
    'another size',
    ({ readingOrder }) => eachLink(readingOrder, (link) => (link.size = (link.size ?? 0) + 1)),
  ],
  [
    'another digest of an asset',
    ({ readingOrder }) =>
      eachLink(readingOrder, ({ properties }) => {
        if (properties?.digest) properties.digest = `sha256:${'0'.repeat(64)}`;
      }),
  ],
  [
    'another total',
    ({ download }) => {
      for (const selection of download.selections) selection.downloadTotal += 1;
    },
  ],
  ['another title', ({ metadata }) => (metadata.title = 'Something else')],
  ['a later end', ({ download }) => (download.expires = '2099-01-01T00:00:00Z')],
  ['another piece index', ({ download }) => (download.pieces.digest = `sha256:${'0'.repeat(64)}`)],
])('one with %s is refused', async (_, change) => {
  const manifest = load('course');
  change(manifest);
  await expect(verifyManifest(manifest)).rejects.toThrow(ManifestError);
});

test('an edge may put a host, a prefix and a signature around addresses', async () => {
  const manifest = load('course');
  const signed = (href: string) => `https://media.example.org/kept${href}?Signature=a%2Fb&Expires=1`;
  for (const links of [manifest.readingOrder, manifest.resources])
    eachLink(links, (link) => {
      if (link.href.startsWith('/blobs/')) link.href = signed(link.href);
    });
  for (const selection of manifest.download.selections) selection.hrefs = selection.hrefs.map(signed);
  await verifyManifest(manifest);
});

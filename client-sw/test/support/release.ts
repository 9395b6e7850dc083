/** A small release, published in memory: manifest, piece index, bytes, and a `fetch` that serves them and counts. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { releaseText } from '../../src/core/release-digest.ts';
import type { Link, Manifest, Piece } from '../../src/protocol/manifest.ts';

const TYPES: Record<string, string> = {
  mp4: 'video/mp4',
  m4a: 'audio/mp4',
  vtt: 'text/vtt',
  svg: 'image/svg+xml',
};

export interface Release {
  manifest: Manifest;
  manifestUrl: string;
  indexText: string;
  /** File name → bytes. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Hex → pieces. */
  pieces: Map<string, Piece[]>;
  hex(name: string): string;
  url(name: string): string;
  /** Path → body, for every address of the release. */
  answers: Map<string, Uint8Array<ArrayBuffer>>;
}

export interface PublishOptions {
  release?: number;
  pieceBytes?: number;
  /** Bytes of a file that are to differ from the usual ones: name → offset. */
  altered?: Record<string, number>;
}

/** Publishes files of the given sizes, with bytes that depend on their names only. */
export async function publish(sizes: Record<string, number>, options: PublishOptions = {}): Promise<Release> {
  const { release = 1, pieceBytes = 1000, altered = {} } = options;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const pieces = new Map<string, Piece[]>();
  const answers = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, size] of Object.entries(sizes)) {
    const bytes = bytesOf(name, size);
    const offset = altered[name];
    if (offset !== undefined) bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    files.set(name, bytes);
    const hex = sha256(bytes);
    const list = cut(bytes, pieceBytes);
    pieces.set(hex, list);
    answers.set(`/blobs/${hex}/${name}`, bytes);
    addParts(answers, hex, bytes, list);
  }
  const hex = (name: string) => sha256(files.get(name) ?? new Uint8Array());
  const indexText = canonicalJson({
    version: 1,
    chunker: { algorithm: 'fastcdc-v2020', minimum: 262144, average: 1048576, maximum: 4194304 },
    blobs: [...files].map(([name, { length }]) => ({
      digest: `sha256:${hex(name)}`,
      size: length,
      pieces: pieces.get(hex(name)),
    })),
  });
  const manifest = manifestOf(files, hex, indexText, release);
  const indexBytes = new TextEncoder().encode(indexText);
  answers.set(manifest.download.pieces.href, indexBytes);
  answers.set('/tags/t/manifest.json', new TextEncoder().encode(canonicalJson(manifest)));
  const url = (name: string) => `https://example.org/blobs/${hex(name)}/${name}`;
  return {
    manifest,
    manifestUrl: 'https://example.org/tags/t/manifest.json',
    indexText,
    files,
    pieces,
    hex,
    url,
    answers,
  };
}

/** The manifest with a signature in every address of an asset. */
export function signed(release: Release, signature: string): Manifest {
  const manifest = structuredClone(release.manifest);
  const sign = (href: string) => (href.startsWith('/blobs') ? `${href}?signature=${signature}` : href);
  for (const link of manifest.readingOrder) link.href = sign(link.href);
  for (const selection of manifest.download.selections) selection.hrefs = selection.hrefs.map(sign);
  return manifest;
}

export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(manifest));
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function manifestOf(
  files: Map<string, Uint8Array>,
  hex: (name: string) => string,
  indexText: string,
  release: number,
): Manifest {
  const links: Link[] = [...files].map(([name, { length }]) => ({
    href: `/blobs/${hex(name)}/${name}`,
    type: TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    size: length,
    properties: {
      path: name,
      digest: `sha256:${hex(name)}`,
      pieces: `/blobs/${hex(name)}/pieces.json`,
    },
  }));
  const href = `/tags/t/releases/${release}/pieces.json`;
  const indexSize = Buffer.byteLength(indexText);
  const downloadTotal = links.reduce((sum, link) => sum + (link.size ?? 0), indexSize);
  const manifest: Manifest = {
    '@context': 'https://readium.org/webpub-manifest/context.jsonld',
    metadata: {
      '@type': 'https://schema.org/Course',
      identifier: 'urn:uuid:0',
      title: 'Field Recording',
      modified: '2026-11-22T10:00:00Z',
    },
    links: [{ rel: 'self', href: '/tags/t/manifest.json', type: 'application/webpub+json' }],
    readingOrder: links,
    download: {
      tag: 't',
      release,
      digest: '',
      delivery: 'assets',
      pieces: { href, size: indexSize, digest: `sha256:${sha256(indexText)}` },
      selections: [
        {
          id: 'everything',
          title: 'Everything',
          downloadTotal,
          hrefs: [href, ...links.map((link) => link.href)],
          backgroundFetch: {
            id: '',
            title: 'Field Recording',
            icons: [],
            downloadTotal,
          },
        },
      ],
    },
  };
  return sealed(manifest);
}

/** With the digest that its content has, and the ids that hold it. For tests that change a manifest, too. */
export function sealed(manifest: Manifest): Manifest {
  const digest = sha256(releaseText(manifest));
  manifest.download.digest = `sha256:${digest}`;
  for (const { id, backgroundFetch } of manifest.download.selections)
    backgroundFetch.id = `t@${digest.slice(0, 16)}${id === 'everything' ? '' : `+${id}`}`;
  return manifest;
}

function cut(bytes: Uint8Array, pieceBytes: number): Piece[] {
  const list: Piece[] = [];
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    const piece = bytes.subarray(offset, offset + pieceBytes);
    list.push({ offset, length: piece.length, sha256: sha256(piece) });
  }
  return list;
}

function addParts(
  answers: Map<string, Uint8Array<ArrayBuffer>>,
  hex: string,
  bytes: Uint8Array<ArrayBuffer>,
  list: Piece[],
): void {
  for (const [first, from] of list.entries()) {
    for (let last = first; last < list.length; last += 1) {
      const to = list[last];
      if (!to) continue;
      const run = first === last ? `${first}` : `${first}-${last}`;
      answers.set(`/blobs/${hex}/pieces/${run}`, bytes.slice(from.offset, to.offset + to.length));
    }
  }
}

/** The same for the same name, and different everywhere. */
function bytesOf(name: string, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = Number.parseInt(sha256(name).slice(0, 8), 16) | 1;
  for (let i = 0; i < size; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

// Reads the whole library once, before the load: which tags there are, and every blob with its pieces.
import { getDocument } from './server.js';

/** `[{ tag, manifestPath, blobs: [{ href, digest, size, pieces: [{offset, length, sha256}] }] }]`; throws when there is nothing to ask for. */
export function loadLibrary() {
  const catalogue = getDocument('catalogue', '/tags').json();
  const library = catalogue.publications.map((publication) => {
    const manifestPath = publication.links.find((link) => link.rel === 'self').href;
    return { tag: publication.download.tag, manifestPath, blobs: loadBlobs(manifestPath) };
  });
  if (!library.some((entry) => entry.blobs.length > 0)) throw new Error('the server has nothing published: publish the samples first');
  return library;
}

function loadBlobs(manifestPath) {
  const manifest = getDocument('manifest', manifestPath).json();
  const index = getDocument('pieces', manifest.download.pieces.href).json();
  const hrefs = new Map(links(manifest).map((link) => [link.properties.digest, link.href]));
  return index.blobs.filter((blob) => blob.size > 0).map((blob) => ({ ...blob, href: hrefs.get(blob.digest) }));
}

/** Every link with a digest, wherever it is nested. */
function links(node) {
  if (Array.isArray(node)) return node.flatMap(links);
  if (node === null || typeof node !== 'object') return [];
  const inner = Object.values(node).flatMap(links);
  return node.properties && node.properties.digest ? [node, ...inner] : inner;
}

/**
 * Holds the built package to what bundlers make of it: a site gets what it imports and nothing else, and the elements are
 * defined by being imported. It bundles as a site would, through the `exports` and `sideEffects` of package.json.
 */
import { build } from 'esbuild';

const STORAGE = 'indexedDB.open(';
const WORKER = 'navigator.serviceWorker';
const UNITS = 'Intl.NumberFormat(';
const BUTTON = 'customElements.define("stowaway-download"';
const LIST = 'customElements.define("stowaway-library"';

/** What a site writes, the most bytes that it may cost, minified, and what must be in the bundle or must not. */
const CASES = [
  { source: `import 'stowaway-client'`, mostBytes: 0 },
  { source: `import { createDownloads, formatBytes } from 'stowaway-client'`, mostBytes: 0 },
  { source: `import { install } from 'stowaway-client/sw'`, mostBytes: 0 },
  {
    source: `import { formatBytes } from 'stowaway-client'; console.log(formatBytes(1))`,
    mostBytes: 512,
    has: [UNITS],
    hasNot: [STORAGE, WORKER, 'QuotaError'],
  },
  {
    source: `import { QuotaError } from 'stowaway-client'; console.log(QuotaError)`,
    mostBytes: 768,
    has: ['QuotaError'],
    hasNot: [STORAGE, WORKER, UNITS, 'NetworkError'],
  },
  {
    source: `import { createDownloads } from 'stowaway-client'; console.log(createDownloads())`,
    has: [STORAGE, WORKER],
    hasNot: [BUTTON, LIST],
  },
  { source: `import 'stowaway-client/element'`, has: [BUTTON, UNITS], hasNot: [LIST] },
  { source: `import 'stowaway-client/library'`, has: [BUTTON, LIST] },
];

/**
 * @param root folder of the package, built
 * @returns one line for each thing that is wrong
 */
export async function findTreeShakingFaults(root) {
  const faults = await Promise.all(CASES.map((expected) => findFaults(root, expected)));
  return faults.flat();
}

async function findFaults(root, { source, mostBytes = Number.POSITIVE_INFINITY, has = [], hasNot = [] }) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'error',
    // A site knows nothing of this package's own paths to its sources.
    tsconfigRaw: {},
  });
  const [{ text }] = outputFiles;
  const sources = Object.keys(metafile.inputs).filter((path) => path.startsWith('src/'));
  const bytes = Buffer.byteLength(text.trim());
  return [
    ...sources.map((path) => `${path} is bundled, not what was built of it`),
    ...(bytes > mostBytes ? [`${bytes} bytes, not ${mostBytes} at most`] : []),
    ...has.filter((part) => !text.includes(part)).map((part) => `${part} is missing`),
    ...hasNot
      .filter((part) => text.includes(part))
      .map((part) => `${part} is there, and nobody asked for it`),
  ].map((fault) => `${source}: ${fault}`);
}

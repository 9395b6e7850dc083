/**
 * Builds the package into `dist/`: page library, elements, worker (classic, module and the stand-alone `sw.js`),
 * the demo app, the console, and type declarations. Fails when a bundle outgrows its budget, or a site would
 * get what it does not import.
 *
 *   node build.mjs                  everything
 *   node build.mjs --library-only   without the demo app and the console
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { findTreeShakingFaults } from './tree-shaking.mjs';

const ROOT = dirname(fileURLToPath(import.meta.url));
const DIST = join(ROOT, 'dist');
const DEMO = join(ROOT, 'demo');
const ADMIN = join(ROOT, 'admin');
const VERSION = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
const LIBRARY_ONLY = process.argv.includes('--library-only');

/**
 * What is loaded together, and the most bytes that it may have, minified and gzipped. `with` an entry goes everything that
 * it imports statically; what it imports later is loaded `later`, and counted by itself.
 */
const SIZES = [
  { name: 'page library', entry: 'client/stowaway.js', budgetBytes: 8 * 1024 },
  {
    name: 'page library, moving bytes (loaded with the first manifest)',
    later: 'stowaway-engine',
    budgetBytes: 11 * 1024,
  },
  {
    name: 'page library, looking after what is stored (loaded where something is)',
    later: 'stowaway-upkeep',
    budgetBytes: 6 * 1024,
  },
  { name: 'worker, classic', entry: 'client/stowaway-sw.js', budgetBytes: 14 * 1024 },
  { name: 'worker, module', entry: 'client/stowaway-sw.mjs', budgetBytes: 14 * 1024 },
  { name: 'download element', entry: 'client/stowaway-element.js', budgetBytes: 8 * 1024 },
  {
    name: 'library element, with the download element',
    entry: 'client/stowaway-library.js',
    budgetBytes: 10.5 * 1024,
  },
  { name: 'console', entry: 'client/admin/admin.js', budgetBytes: 18 * 1024, isApp: true },
  {
    name: 'console, hashing files',
    entry: 'client/admin/hash-worker.js',
    budgetBytes: 2 * 1024,
    isApp: true,
  },
  { name: 'stand-alone worker', entry: 'sw.js', budgetBytes: 15 * 1024 },
];

/** Pages of the demo app and the addresses that the server gives them. */
const PAGES = { 'index.html': '/', 'play.html': '/play', 'downloads.html': '/downloads' };

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  target: ['chrome108', 'firefox115', 'safari16.4'],
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  define: { STOWAWAY_VERSION: JSON.stringify(VERSION) },
};

/** What each built file imports, by its path in dist/: `{ path, kind }` as esbuild says it. */
const imports = new Map();

await main();

async function main() {
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(join(DIST, 'client'), { recursive: true });
  await buildLibrary();
  if (!LIBRARY_ONLY) {
    await buildDemo();
    await buildAdmin();
  }
  await buildStandaloneWorker();
  emitTypes();
  checkBudgets();
  await checkTreeShaking();
}

async function buildLibrary() {
  // What is loaded later has a digest in its name: an old page never gets a new file that does not fit it.
  await bundle({
    entryPoints: { stowaway: 'src/page/index.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'stowaway-[name]-[hash]',
    outdir: out('client'),
  });
  await bundle({
    entryPoints: {
      'stowaway-element': 'src/page/element/define.ts',
      'stowaway-library': 'src/page/element/define-library.ts',
    },
    format: 'esm',
    splitting: true,
    chunkNames: 'stowaway-element-[name]-[hash]',
    outdir: out('client'),
    plugins: [external({ library: './stowaway.js' })],
  });
  await bundle({
    entryPoints: ['src/sw/index.ts'],
    format: 'esm',
    outfile: out('client/stowaway-sw.mjs'),
  });
  await bundle({
    entryPoints: ['src/sw/index.ts'],
    format: 'iife',
    globalName: 'stowaway',
    outfile: out('client/stowaway-sw.js'),
  });
}

async function bundle(options) {
  const { metafile } = await build({
    ...COMMON,
    ...options,
    define: { ...COMMON.define, ...options.define },
  });
  for (const [path, output] of Object.entries(metafile.outputs)) {
    imports.set(
      relative('dist', path),
      output.imports
        .filter(({ external }) => !external)
        .map((used) => ({ ...used, path: relative('dist', used.path) })),
    );
  }
}

/** Scripts `demo/*.ts` → `client/app/*.js`; styles, icons and other files beside them; pages to the top. */
async function buildDemo() {
  for (const page of Object.keys(PAGES)) {
    if (!existsSync(join(DEMO, page)))
      throw new Error(`demo/${page} is missing: the server serves it at ${PAGES[page]}`);
  }
  const scripts = readdirSync(DEMO).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  await bundle({
    entryPoints: scripts.map((name) => `demo/${name}`),
    format: 'esm',
    splitting: true,
    outdir: out('client/app'),
    plugins: [external({ library: '../stowaway.js', element: '../stowaway-element.js' })],
  });
  for (const name of readdirSync(DEMO)) {
    if (name.endsWith('.ts') || name.endsWith('.md')) continue;
    const target = name in PAGES ? name : join('client/app', name);
    // Folders of scripts are bundled above: only what else lies in them is copied.
    cpSync(join(DEMO, name), out(target), { recursive: true, filter: (path) => !path.endsWith('.ts') });
  }
}

/** The console: one script, one worker, one style; the server serves its page at /admin. */
async function buildAdmin() {
  await bundle({
    entryPoints: { admin: 'admin/admin.ts', 'hash-worker': 'admin/publish/hash-worker.ts' },
    format: 'esm',
    outdir: out('client/admin'),
  });
  cpSync(join(ADMIN, 'index.html'), out('admin.html'));
  cpSync(join(ADMIN, 'admin.css'), out('client/admin/admin.css'));
}

/** `sw.js` knows the demo's files, so that the app opens with the server away. Its version is their digest. */
async function buildStandaloneWorker() {
  const shell = LIBRARY_ONLY ? [] : shellFiles();
  const hash = createHash('sha256');
  for (const { file } of shell) hash.update(readFileSync(out(file)));
  await bundle({
    entryPoints: ['src/sw/standalone.ts'],
    format: 'iife',
    outfile: out('sw.js'),
    define: {
      STOWAWAY_SHELL_URLS: JSON.stringify(shell.map(({ url }) => url)),
      STOWAWAY_SHELL_VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
    },
  });
}

function shellFiles() {
  const pages = Object.entries(PAGES).map(([file, url]) => ({ file, url }));
  const assets = filesUnder(out('client'))
    .filter((path) => !/stowaway-sw\.m?js$/.test(path))
    .map((path) => relative(DIST, path).replaceAll('\\', '/'))
    // The console is for those who have a connection.
    .filter((file) => !file.startsWith('client/admin/'))
    .map((file) => ({ file, url: `/${file}` }));
  return [...pages, ...assets];
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Imports of the library by the elements and the demo stay imports, so that a page holds one copy of it. */
function external({ library, element }) {
  const page = join(ROOT, 'src/page/index.ts');
  return {
    name: 'stowaway-external',
    setup(builder) {
      builder.onResolve({ filter: /^stowaway-client$/ }, () => ({ path: library, external: true }));
      builder.onResolve({ filter: /^stowaway-client\/element$/ }, () => ({ path: element, external: true }));
      builder.onResolve({ filter: /\/index\.ts$/ }, ({ path, resolveDir, kind }) =>
        kind !== 'entry-point' && join(resolveDir, path) === page
          ? { path: library, external: true }
          : undefined,
      );
    },
  };
}

function emitTypes() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  for (const project of ['tsconfig.types.json', 'tsconfig.types-sw.json']) {
    execFileSync(process.execPath, [tsc, '-p', project], { cwd: ROOT, stdio: 'inherit' });
  }
}

function checkBudgets() {
  const report = {};
  const over = [];
  const page = loadedWith('client/stowaway.js');
  for (const { name, entry, later, budgetBytes } of SIZES.filter(({ isApp }) => !(isApp && LIBRARY_ONLY))) {
    // A page that loads a file later has its library already.
    const files = entry
      ? loadedWith(entry)
      : loadedWith(findChunk(later)).filter((file) => !page.includes(file));
    const gzipped = files.reduce(
      (sum, file) => sum + gzipSync(readFileSync(out(file)), { level: 9 }).length,
      0,
    );
    report[name] = { gzipped, budget: budgetBytes };
    if (gzipped > budgetBytes) over.push(`${name}: ${gzipped} bytes, budget ${budgetBytes}`);
  }
  writeFileSync(out('sizes.json'), `${JSON.stringify(report, null, 2)}\n`);
  console.table(report);
  if (over.length > 0) {
    console.error(`Over the size budget (minified and gzipped):\n${over.join('\n')}`);
    process.exitCode = 1;
  }
}

async function checkTreeShaking() {
  const faults = await findTreeShakingFaults(ROOT);
  if (faults.length === 0) return;
  console.error(`What sites bundle of the package:\n${faults.join('\n')}`);
  process.exitCode = 1;
}

/** A built file and everything that it imports statically. */
function loadedWith(file, found = []) {
  if (found.includes(file)) return found;
  found.push(file);
  for (const { path, kind } of imports.get(file)) if (kind === 'import-statement') loadedWith(path, found);
  return found;
}

function findChunk(name) {
  const found = [...imports.keys()].filter((path) => path.startsWith(`client/${name}-`));
  if (found.length !== 1) throw new Error(`${found.length} built files are named client/${name}-…, not one`);
  return found[0];
}

function out(file) {
  return join(DIST, file);
}

/**
 * Bundles the example as a site would. Workbox's own tools list the files (`workbox-build`, or its plugins for bundlers); here
 * they are few enough to list by hand.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1H0z" fill="#0b625b"/></svg>';

/**
 * @param client folder of the built client (`dist/client`)
 * @param server address of the Stowaway server
 * @returns the site's files: address → { type, text }
 */
export async function buildWorkboxExample({ client, server }) {
  const options = {
    absWorkingDir: HERE,
    bundle: true,
    format: 'esm',
    write: false,
    // Not this package's own sources: what a site gets from npm.
    tsconfigRaw: {},
    alias: {
      'stowaway-client': `${client}/stowaway.js`,
      'stowaway-client/element': `${client}/stowaway-element.js`,
      'stowaway-client/sw': `${client}/stowaway-sw.mjs`,
    },
  };
  const stowawayServer = JSON.stringify(server);
  const app = await build({
    ...options,
    entryPoints: ['app.js'],
    splitting: true,
    outdir: HERE,
    define: { STOWAWAY_SERVER: stowawayServer },
  });
  const files = { '/': { type: 'text/html', text: readFileSync(`${HERE}index.html`, 'utf8') } };
  for (const { path, text } of app.outputFiles)
    files[`/${basename(path)}`] = { type: 'text/javascript', text };
  const precached = Object.entries(files).map(([url, { text }]) => ({ url, revision: digest(text) }));
  const worker = await build({
    ...options,
    entryPoints: ['sw.js'],
    format: 'iife',
    define: {
      STOWAWAY_SERVER: stowawayServer,
      'self.__WB_MANIFEST': JSON.stringify(precached),
      'process.env.NODE_ENV': '"production"',
    },
  });
  files['/sw.js'] = { type: 'text/javascript', text: worker.outputFiles[0].text };
  files['/picture.svg'] = { type: 'image/svg+xml', text: PICTURE };
  return files;
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

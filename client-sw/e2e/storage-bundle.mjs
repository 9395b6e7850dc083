/** The storage code as one script for a page: `storageSuite` with names, runCases and measure. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export async function loadStorageSuite(page) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('storage-in-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'storageSuite',
    logLevel: 'warning',
  });
  await page.evaluate(`${outputFiles[0].text}; globalThis.storageSuite = storageSuite;`);
}

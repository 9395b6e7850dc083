/** Debian's Chromium through playwright-core, on a profile folder of its own, with Background Fetch and Background Sync. */
import { chromium } from 'playwright-core';
import { ConsoleRecord } from './console-record.mjs';
import { withLimit } from './wait-for.mjs';

export const EXECUTABLE = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
/** Of every command line. */
export const WORDS = ['--disable-quic', '--autoplay-policy=no-user-gesture-required'];
const CLOSE_LIMIT_MS = 10_000;

/**
 * A browser as the tests see it: `newPage`, `pages`, `console`, `close`.
 * @param options `words`: more of its command line
 */
export async function openChromium(profileFolder, { words = [] } = {}) {
  const context = await chromium.launchPersistentContext(profileFolder, {
    executablePath: EXECUTABLE,
    chromiumSandbox: false,
    headless: true,
    args: [...WORDS, ...words],
  });
  const record = new ConsoleRecord();
  const pages = new Set();
  context.on('serviceworker', (worker) => {
    worker.on?.('console', (message) => record.add(`worker console.${message.type()}`, message.text()));
  });
  return {
    name: 'chromium',
    console: record,
    pages,
    context,
    async newPage() {
      const page = await context.newPage();
      record.follow(page);
      pages.add(page);
      page.once('close', () => pages.delete(page));
      return page;
    },
    close: () => withLimit('closing Chromium', context.close(), CLOSE_LIMIT_MS),
  };
}

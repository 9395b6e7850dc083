/**
 * Chromium without the DevTools protocol's view of the network: where that is on, as it always is with playwright, every
 * renderer keeps up to 100 MB of the bodies that it has received, and what is measured is the instrument.
 */
import puppeteer from 'puppeteer-core';
import { EXECUTABLE, WORDS } from './chromium.mjs';
import { ConsoleRecord } from './console-record.mjs';
import { watchChild } from './processes.mjs';
import { withLimit } from './wait-for.mjs';

const CLOSE_LIMIT_MS = 10_000;

/** A browser as the tests see it: `newPage`, `pages`, `console`, `close`. */
export async function openUnwatchedChromium(profileFolder) {
  const browser = await puppeteer.launch({
    executablePath: EXECUTABLE,
    headless: true,
    userDataDir: profileFolder,
    networkEnabled: false,
    args: ['--no-sandbox', ...WORDS],
  });
  watchChild(browser.process());
  const record = new ConsoleRecord();
  const pages = new Set();
  return {
    name: 'unwatched chromium',
    console: record,
    pages,
    async newPage() {
      const page = await browser.newPage();
      record.follow(page);
      pages.add(page);
      page.once('close', () => pages.delete(page));
      return page;
    },
    close: () => withLimit('closing Chromium', browser.close(), CLOSE_LIMIT_MS),
  };
}

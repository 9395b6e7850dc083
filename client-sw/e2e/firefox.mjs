/** Debian's Firefox ESR through puppeteer-core over WebDriver BiDi, on a profile folder of its own. */
import puppeteer from 'puppeteer-core';
import { ConsoleRecord } from './console-record.mjs';
import { watchChild } from './processes.mjs';
import { withLimit } from './wait-for.mjs';

const EXECUTABLE = process.env.FIREFOX_BIN ?? '/usr/bin/firefox-esr';
const CLOSE_LIMIT_MS = 10_000;

/** Sound without a gesture, and nothing that the browser would do on the network by itself. */
const PREFERENCES = {
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'app.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
};

/** Of all storage, as much as one site may have. */
const SITE_SHARE = 0.2;

/**
 * A browser as the tests see it: `newPage`, `pages`, `console`, `close`.
 * @param options `roomBytes`: how much a site may store; `mayPersist`: what the person answers at once who is asked whether a site may keep
 *   data for good, and otherwise never answers
 */
export async function openFirefox(profileFolder, { roomBytes, mayPersist } = {}) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: EXECUTABLE,
    headless: true,
    userDataDir: profileFolder,
    networkEnabled: false,
    extraPrefsFirefox: {
      ...PREFERENCES,
      ...(roomBytes && limitOf(roomBytes)),
      ...(mayPersist !== undefined && answerOf(mayPersist)),
    },
  });
  watchChild(browser.process());
  const record = new ConsoleRecord();
  const pages = new Set();
  return {
    name: 'firefox',
    console: record,
    pages,
    async newPage() {
      const page = await browser.newPage();
      await page.setViewport({ width: 1280, height: 900 });
      record.follow(page);
      pages.add(page);
      page.once('close', () => pages.delete(page));
      return page;
    },
    async close() {
      const child = browser.process();
      try {
        await withLimit('closing Firefox', browser.close(), CLOSE_LIMIT_MS);
      } finally {
        child?.kill('SIGKILL');
      }
    },
  };
}

function limitOf(roomBytes) {
  return { 'dom.quotaManager.temporaryStorage.fixedLimit': Math.round(roomBytes / SITE_SHARE / 1024) };
}

function answerOf(mayPersist) {
  return {
    'dom.storageManager.prompt.testing': true,
    'dom.storageManager.prompt.testing.allow': mayPersist,
  };
}

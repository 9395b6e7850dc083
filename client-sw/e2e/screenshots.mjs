/**
 * Takes the README's pictures of the three pages, in light and dark, on a desktop and on a phone:
 * docs/images/{library,player,downloads}[-phone]-{light,dark}.png, and those of the console (console-screenshots.mjs)
 *
 *   node e2e/screenshots.mjs --base http://127.0.0.1:8080   of a server that runs and has the samples
 *   node e2e/screenshots.mjs                                of one that it starts on the samples (STOWAWAY_BINARY) and ends
 *   node e2e/screenshots.mjs --out FOLDER                   into another folder
 *   node e2e/screenshots.mjs --console                      of the console only; needs a server that it starts itself
 *
 * The typeface is the machine's: with Debian's fonts-inter installed the pictures look as in the README.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { takeConsole } from './console-screenshots.mjs';
import { findFreePort } from './ports.mjs';
import { keepHouse, makeToken, publish, Server } from './server.mjs';
import { Workspace } from './workspace.mjs';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** The folders of the samples and the tags that `stowaway demo` gives them. */
const SAMPLES = { course: 'field-recording', podcast: 'signal-lost' };
/** What the course had not yet in its first release, as the console shows it. */
const ADDED_LATER = '01-before-you-go/02-pack-light.pdf';
/** Where the player is shown: in the middle of a sentence, so that chapter and passage are marked. */
const SHOWN_AT_SECONDS = 14;
const SPINNER_FADES_MS = 2000;

const DEVICES = [
  { suffix: '', viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1 },
  { suffix: '-phone', viewport: { width: 360, height: 740 }, deviceScaleFactor: 1.5 },
];

const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    console: { type: 'boolean', default: false },
    out: { type: 'string', default: join(REPOSITORY, 'docs/images') },
  },
});

if (options.base !== undefined) {
  await takeAll((...where) => takeOn(options.base.replace(/\/+$/, ''), ...where));
} else {
  if (!options.console)
    await withServer(publishSamples, ({ url }) => takeAll((...where) => takeOn(url, ...where)));
  await withServer(publishForConsole, (server) => takeAll((...where) => takeConsoleOn(server, ...where)));
}

async function takeAll(take) {
  const folder = resolve(options.out);
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    chromiumSandbox: false,
  });
  try {
    for (const device of DEVICES) {
      for (const colorScheme of ['light', 'dark']) {
        await take(browser, device, colorScheme, folder);
      }
    }
  } finally {
    await browser.close();
  }
}

async function takeConsoleOn({ url, token }, browser, { suffix, ...device }, colorScheme, folder) {
  const context = await browser.newContext({ ...device, colorScheme, reducedMotion: 'reduce', locale: 'en' });
  await takeConsole(context, url, { token, tag: SAMPLES.course }, (page, name) =>
    shootTo(join(folder, `${name}${suffix}-${colorScheme}.png`), page),
  );
  await context.close();
}

async function shootTo(path, page) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path });
  console.log(path);
}

async function takeOn(base, browser, { suffix, ...device }, colorScheme, folder) {
  const context = await browser.newContext({ ...device, colorScheme, reducedMotion: 'reduce', locale: 'en' });
  const page = await context.newPage();
  const shoot = (name) => shootTo(join(folder, `${name}${suffix}-${colorScheme}.png`), page);
  await openLibrary(page, base);
  await shoot('library');
  const player = await page.getByTestId('lesson-link').first().getAttribute('href');
  await downloadEverything(page);
  await openPlayer(page, base, player);
  await shoot('player');
  await openDownloads(page, base);
  await shoot('downloads');
  await context.close();
}

async function openLibrary(page, base) {
  // Pieces: they need no browser service of their own, and so are done when the page says so.
  await page.goto(`${base}/?transport=pieces`);
  await page.getByTestId('lesson-link').first().waitFor();
  await page
    .getByRole('button', { name: /^Download / })
    .first()
    .waitFor();
  await imagesOf(page);
}

async function downloadEverything(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  for (const card of await page.getByTestId('tag-card').all()) {
    await card.getByRole('button', { name: /^Download / }).click();
    await card.getByText('Available offline', { exact: true }).waitFor();
  }
}

async function openPlayer(page, base, href) {
  await page.goto(base + href);
  const media = page.getByTestId('player-media');
  await media.waitFor();
  await media.evaluate(async (element, seconds) => {
    const happened = (name) => new Promise((done) => element.addEventListener(name, done, { once: true }));
    if (element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await happened('loadeddata');
    const sought = happened('seeked');
    element.currentTime = seconds;
    await sought;
  }, SHOWN_AT_SECONDS);
  await page.locator('[data-testid="passage"][aria-current]').waitFor();
  await imagesOf(page);
  // The browser's own spinner on the video fades away, and nothing tells when it has.
  await page.waitForTimeout(SPINNER_FADES_MS);
}

async function openDownloads(page, base) {
  await page.goto(`${base}/downloads`);
  await page.locator('[data-testid="download-row"][data-state="complete"] img').first().waitFor();
  await page.locator('#storage:not([hidden])').waitFor();
  await imagesOf(page);
}

/** Waits for the pictures on the page that are to be seen. */
function imagesOf(page) {
  return page.waitForFunction(() => {
    const onScreen = [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight);
    return onScreen.every((image) => image.complete && image.naturalWidth > 0);
  });
}

/** Publishes the samples; gives nothing that the pages need. */
async function publishSamples({ binary, dataFolder }) {
  for (const [name, tag] of Object.entries(SAMPLES)) {
    await publish({ binary, dataFolder, folder: join(REPOSITORY, 'server/app/samples', name), tag });
  }
  return {};
}

/** Two releases of the course, three jobs, and three tokens, one of them the pictures' own. */
async function publishForConsole({ binary, dataFolder, workspace }) {
  const first = workspace.copyFolder(join(REPOSITORY, 'server/app/samples/course'), 'course');
  rmSync(join(first, ADDED_LATER));
  await publish({ binary, dataFolder, folder: first, tag: SAMPLES.course });
  await publishSamples({ binary, dataFolder });
  for (const job of [['scrub'], ['gc'], ['gc', '--delete']]) await keepHouse({ binary, dataFolder, job });
  await makeToken({ binary, dataFolder, name: 'ci', scope: `publish:${SAMPLES.course}` });
  await makeToken({ binary, dataFolder, name: 'reports', scope: 'read:' });
  return { token: await makeToken({ binary, dataFolder, name: 'console', scope: 'admin' }) };
}

async function withServer(prepare, run) {
  const binary = resolve(process.env.STOWAWAY_BINARY ?? join(REPOSITORY, 'target/debug/stowaway'));
  if (!existsSync(binary)) {
    console.error(`screenshots: ${binary} is not there: run \`cargo build -p stowaway\`, or say --base URL`);
    process.exit(2);
  }
  const workspace = new Workspace();
  process.once('exit', () => workspace.remove());
  const dataFolder = workspace.makeFolder('data');
  const prepared = await prepare({ binary, dataFolder, workspace });
  const server = new Server({ binary, dataFolder, port: await findFreePort() });
  await server.start();
  try {
    await run({ url: server.url, ...prepared });
  } finally {
    await server.stop('SIGTERM');
  }
}

/**
 * How much memory a browser needs while it downloads one large lesson and plays it at the same time, and then plays it from
 * storage: above what it needs with the same two pages idle. Beside it, what the same browser needs for as many seeks when nothing
 * is downloaded: that much is the browser's own. Fails above the limit. Minutes, and six times the size on disk.
 *
 *   node e2e/memory.mjs                          2 GiB: Chromium by Background Fetch and by pieces, Firefox by pieces
 *   node e2e/memory.mjs --mib 512 --only firefox
 */
import { parseArgs } from 'node:util';
import { waitForDownload } from './client-state.mjs';
import { findBinary, misused } from './find-binary.mjs';
import { LARGE, LARGE_LESSON, publishLargeLesson } from './large-lesson.mjs';
import { controlOf, openLibrary, openPlayer, pressButton } from './page-actions.mjs';
import { MemoryWatch, readMemory } from './process-memory.mjs';
import { endProcessesOf, killProcessesOf } from './processes.mjs';
import { Runner } from './runner.mjs';
import { Workspace } from './workspace.mjs';

const MIB = 1024 * 1024;
const LIMIT_BYTES = 150 * MIB;
const DOWNLOAD_LIMIT_MS = 20 * 60_000;
const SEEKS_FROM_STORAGE = 20;
/** How long the idle pages are watched: the most they are seen with is what counts. */
const IDLE_SAMPLES = 20;
/** A process that has less more than before is not told of. */
const WORTH_TELLING_BYTES = 2 * MIB;
const WAYS = [
  { name: 'chromium: background-fetch', engine: 'unwatched chromium', query: '' },
  { name: 'chromium: pieces', engine: 'unwatched chromium', query: '?transport=pieces' },
  { name: 'firefox: pieces', engine: 'firefox', query: '?transport=pieces' },
];

const { values: options } = parseArgs({
  options: { mib: { type: 'string', default: '2048' }, only: { type: 'string', default: '' } },
});
const sizeMib = Number(options.mib);
if (!Number.isInteger(sizeMib) || sizeMib < 16)
  misused(`--mib ${options.mib}: a whole number from 16 is needed`);
const chosen = WAYS.filter(({ name }) => name.includes(options.only));
if (chosen.length === 0)
  misused(`--only ${options.only}: there is ${WAYS.map(({ name }) => name).join(', ')}`);

const binary = findBinary();
const workspace = new Workspace();
process.env.TMPDIR = workspace.folder; // Browsers leave things there, too.
process.once('exit', () => {
  killProcessesOf(workspace.folder);
  workspace.remove();
});
const dataFolder = await publishLargeLesson({ binary, workspace, bytes: sizeMib * MIB });
const runner = new Runner({ binary, workspace, fixtures: { dataFolder }, limitMs: DOWNLOAD_LIMIT_MS });
for (const { name, engine, query } of chosen) {
  const made = { seeks: 0 };
  await runner.run({
    name: `${name}, ${sizeMib} MiB`,
    run: (world) => measure(world, engine, query, made),
  });
  await runner.run({
    name: `${engine}: ${made.seeks} seeks, and nothing is downloaded`,
    run: (world) => measureNetwork(world, engine, query, made.seeks),
  });
}
const left = await endProcessesOf(workspace.folder);
for (const { pid, command } of left) console.log(`FAILED process ${pid} was left behind: ${command}`);
console.log(`${runner.passed} passed, ${runner.failed + left.length} failed`);
process.exitCode = runner.failed + left.length === 0 ? 0 : 1;

/** Downloads and plays, then plays from storage; `made.seeks` counts. */
async function measure(world, engine, query, made) {
  const { page, player, idle, watch } = await openPages(world, engine, query);
  const seek = () => playSomewhere(player, made.seeks++);
  try {
    await page.bringToFront();
    await pressButton(page, controlOf(LARGE), 'Download');
    await waitForDownload(page, LARGE, 'begun', () => true);
    await player.bringToFront();
    for (const isOver = watchForEnd(page); !isOver(); ) await seek();
    await waitForDownload(page, LARGE, 'complete', ({ state }) => state === 'complete');
    const downloading = watch.startAgain();
    report(`downloading and playing, ${made.seeks} seeks`, downloading, idle);
    for (let left = SEEKS_FROM_STORAGE; left > 0; left -= 1) await seek();
    const stored = watch.startAgain();
    report(`and playing from storage, ${made.seeks} seeks`, stored, idle);
    for (const { bytes } of [downloading, stored]) {
      if (bytes - idle.bytes > LIMIT_BYTES)
        throw new Error(`${toMib(bytes - idle.bytes)} MiB above idle, of ${toMib(LIMIT_BYTES)}`);
    }
  } finally {
    watch.end();
  }
}

/** The same pages, the same seeks, and nothing is downloaded. */
async function measureNetwork(world, engine, query, seeks) {
  const { player, idle, watch } = await openPages(world, engine, query);
  try {
    await player.bringToFront();
    for (let seek = 0; seek < seeks; seek += 1) await playSomewhere(player, seek);
    report(`playing from the network, ${seeks} seeks`, watch.startAgain(), idle);
  } finally {
    watch.end();
  }
}

/** Library and player, and what they hold when nothing happens. */
async function openPages(world, engine, query) {
  const browser = await world.openBrowser(engine);
  const { profileFolder } = world.browsers[0];
  // Straight from the server, where it has the client: the proxy of the other tests would need the processor for itself.
  const url = process.env.STOWAWAY_CLIENT_DIST ? world.url : world.server.url;
  const page = await openLibrary(browser, url, LARGE, query);
  const player = await openPlayer(browser, url, LARGE_LESSON);
  await player.waitForSelector('audio');
  await player.waitForFunction(() => document.querySelector('audio').readyState >= 1);
  const idle = await watchIdle(profileFolder);
  console.log(`idle ${toMib(idle.bytes)} MiB`);
  return { page, player, idle, watch: new MemoryWatch(profileFolder) };
}

async function watchIdle(profileFolder) {
  const samples = [];
  for (let i = 0; i < IDLE_SAMPLES; i += 1) {
    samples.push(readMemory(profileFolder));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return samples.sort((a, b) => a.bytes - b.bytes)[IDLE_SAMPLES / 2];
}

/** Tells at any time whether the download is over. */
function watchForEnd(page) {
  let over = false;
  waitForDownload(page, LARGE, 'complete', ({ state }) => state === 'complete', {
    timeoutMs: DOWNLOAD_LIMIT_MS,
    intervalMs: 500,
  }).then(
    () => (over = true),
    () => (over = true), // The wait that follows says why.
  );
  return () => over;
}

/** Seeks to one of many places, far from each other, and plays on from there. */
function playSomewhere(player, turn) {
  return player.evaluate(async (turn) => {
    const audio = document.querySelector('audio');
    audio.muted = true;
    const target = audio.duration * ((turn * 0.618_034) % 1) * 0.99;
    audio.currentTime = target;
    await audio.play();
    await new Promise((resolve, reject) => {
      const look = () => {
        if (audio.currentTime < target + 0.5) return;
        audio.removeEventListener('timeupdate', look);
        resolve();
      };
      audio.addEventListener('timeupdate', look);
      audio.addEventListener('error', () => reject(new Error(`media error ${audio.error?.code}`)), {
        once: true,
      });
    });
  }, turn);
}

/** How much more, and which processes hold it: their own memory, pages of files, shared memory. */
function report(what, highest, idle) {
  console.log(`${what}: +${toMib(highest.bytes - idle.bytes)} MiB`);
  for (const { pid, kind, bytes, anon, file, shmem } of highest.parts) {
    const before = idle.parts.find((part) => part.pid === pid) ?? { bytes: 0, anon: 0, file: 0, shmem: 0 };
    if (Math.abs(bytes - before.bytes) < WORTH_TELLING_BYTES) continue;
    const [more, own, files, shared] = [
      bytes - before.bytes,
      anon - before.anon,
      file - before.file,
      shmem - before.shmem,
    ].map(toMib);
    console.log(`  ${kind} (${pid}) ${more} MiB: own ${own}, files ${files}, shared ${shared}`);
  }
}

function toMib(bytes) {
  return Math.round(bytes / MIB);
}

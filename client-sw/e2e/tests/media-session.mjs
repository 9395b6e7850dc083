/** What the player tells the system that plays, and what it does when the system asks: lock screens, headsets, media keys. Chromium. */
import assert from 'node:assert/strict';
import { COURSE } from '../fixtures.mjs';
import { findAsset } from '../proofs.mjs';
import { waitFor } from '../wait-for.mjs';

const LESSON = '01-before-you-go/02-pack-light.m4a';
const PREVIOUS = '01-before-you-go/01-welcome.mp4';
const NEXT = '02-in-the-field/01-wind-and-levels.mp4';

export const mediaSessionTests = [
  {
    name: 'chromium: the player tells the system title, author, course and picture, and moves when the system asks',
    run: speaksWithTheSystem,
  },
];

async function speaksWithTheSystem(world) {
  const manifest = await world.loadManifest(COURSE);
  const browser = await world.openBrowser('chromium');
  const page = await browser.newPage();
  await page.addInitScript(keepHandlers);
  await openLesson(page, world, LESSON);

  const { title } = findAsset(manifest, LESSON);
  const { metadata } = manifest;
  const told = await page.evaluate(readMetadata);
  assert.deepEqual(
    { title: told.title, artist: told.artist, album: told.album },
    { title, artist: 'Stowaway', album: metadata.title },
  );
  assert.equal(told.artwork.length, 1, 'one picture');
  const picture = await page.evaluate(loadPicture, told.artwork[0].src);
  assert.ok(picture.width > 0, 'the picture is one');
  assert.equal(picture.type, told.artwork[0].type);

  const position = () => page.evaluate(() => document.querySelector('audio').currentTime);
  const asked = [
    [{ action: 'seekto', seekTime: 12 }, 12],
    [{ action: 'seekforward' }, 22],
    [{ action: 'seekforward', seekOffset: 3 }, 25],
    [{ action: 'seekbackward', seekOffset: 4 }, 21],
    [{ action: 'seekbackward' }, 11],
    [{ action: 'seekbackward', seekOffset: 60 }, 0],
  ];
  for (const [details, seconds] of asked) {
    await page.evaluate(ask, details);
    assert.equal(await position(), seconds, JSON.stringify(details));
  }

  // It goes from lesson to lesson, over the end of a chapter, and tells of the other one.
  await page.evaluate(ask, { action: 'nexttrack' });
  await assertTells(page, manifest, NEXT);
  await openLesson(page, world, LESSON);
  await page.evaluate(ask, { action: 'previoustrack' });
  await assertTells(page, manifest, PREVIOUS);
  assert.equal(
    await page.evaluate(() => globalThis.handlers.has('previoustrack')),
    false,
    'there is nothing before the first lesson',
  );
}

async function openLesson(page, world, path) {
  await page.goto(`${world.url}/play?tag=${COURSE}&item=${encodeURIComponent(path)}`);
  await waitFor('the lesson', () =>
    page.evaluate(
      () => document.querySelector('audio')?.duration > 0 && navigator.mediaSession.metadata !== null,
    ),
  );
}

async function assertTells(page, manifest, path) {
  const { title } = findAsset(manifest, path);
  await waitFor(`the system to be told of ${title}`, async () => {
    const told = await page.evaluate(readMetadata);
    return told?.title === title;
  });
  assert.equal(new URL(page.url()).searchParams.get('item'), path);
}

/** Runs in the page before its scripts: nothing else can ask what a system would. */
function keepHandlers() {
  globalThis.handlers = new Map();
  const set = MediaSession.prototype.setActionHandler;
  MediaSession.prototype.setActionHandler = function (action, handler) {
    set.call(this, action, handler); // First: an unknown action is refused.
    if (handler) globalThis.handlers.set(action, handler);
    else globalThis.handlers.delete(action);
  };
}

function ask(details) {
  globalThis.handlers.get(details.action)(details);
}

function readMetadata() {
  const { metadata } = navigator.mediaSession;
  if (metadata === null) return undefined;
  const { title, artist, album, artwork } = metadata;
  return { title, artist, album, artwork: artwork.map(({ src, type }) => ({ src, type })) };
}

async function loadPicture(src) {
  const answer = await fetch(src);
  const { width } = await createImageBitmap(await answer.blob());
  return { width, type: answer.headers.get('Content-Type') };
}

/** The console at /admin: what an administrator, and who may less, can see and do there. Chromium. */
import assert from 'node:assert/strict';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findBarriers } from '../axe.mjs';
import { COURSE, LOW_WAVE, WAVES } from '../fixtures.mjs';
import { makeToken } from '../server.mjs';
import { waitFor } from '../wait-for.mjs';

export const consoleTests = [
  {
    name: 'chromium: the console lets in who has a token, stays in place over a reload, and says why a session is over',
    run: signsInAndOut,
  },
  {
    name: 'chromium: in the console releases are compared, an old one comes back, and a tag is taken back',
    run: movesPointers,
  },
  {
    name: 'chromium: the console publishes a folder, goes on after a reload in the middle, and names files that break a rule',
    run: publishesFolders,
  },
  {
    name: 'chromium: a folder that is dropped on the console is published as it lies on the disk, and loose files as one',
    run: publishesWhatIsDropped,
  },
  {
    name: 'chromium: in the console a token is made, shown once, does what it may and no more, and is revoked',
    run: makesTokens,
  },
  {
    name: 'chromium: in the console jobs are begun and followed: counting, removing, and reading again with damage named',
    run: keepsHouse,
  },
];

async function signsInAndOut(world) {
  const token = await makeToken({ ...world.server, name: 'laptop', scope: 'admin' });
  const browser = await world.openBrowser('chromium');
  const page = await browser.newPage();
  const answer = await page.goto(`${world.url}/admin`);
  if (world.proxy.overlay.size === 0) {
    assert.match(answer.headers()['content-security-policy'], /^default-src 'none'; script-src 'self'/);
    assert.equal(answer.headers()['cache-control'], 'no-store');
  }
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await assertAccessible(page, 'sign-in');
  await signInWith(page, 'sw_wrong');
  await page.getByRole('alert').getByText('Check that the whole token arrived').waitFor();
  await signInWith(page, token);
  await page.getByTestId('tag').nth(1).waitFor();
  assert.deepEqual(await tagsOn(page), [COURSE, WAVES]);
  await assertAccessible(page, 'tags');

  await page.getByLabel('Tags that begin with').fill('wa');
  await page.keyboard.press('Enter');
  await waitFor('one tag that begins so', async () => (await tagsOn(page)).join() === WAVES);
  assert.equal(new URL(page.url()).hash, '#/tags?prefix=wa');
  await page.reload();
  await page.getByTestId('tag').first().waitFor();
  assert.deepEqual(await tagsOn(page), [WAVES]);
  await goTo(page, '#/tags?prefix=nothing');
  await page.getByTestId('empty').getByText('No tag begins with nothing').waitFor();
  // A name that is also the beginning of itself.
  await goTo(page, `#/tags?prefix=${COURSE}`);
  await waitFor('the tag of that name', async () => (await tagsOn(page)).join() === COURSE);

  await goTo(page, '#/storage');
  await page.getByTestId('totals').getByText('2 tags').waitFor();
  assert.equal(await page.getByTestId('use').count(), 2);
  await assertAccessible(page, 'storage');

  await revoke(world, token);
  await page.getByRole('link', { name: 'Tokens' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('alert').getByText('was revoked').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);

  await signInWith(page, await makeToken({ ...world.server, name: 'other', scope: 'admin' }));
  await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

async function movesPointers(world) {
  await world.fixtures.publishChangedWaves(world.dataFolder);
  const page = await openConsole(world, 'admin');
  await goTo(page, `#/tags/${WAVES}`);
  await page.getByTestId('release').nth(1).waitFor();
  await assertAccessible(page, 'tag');
  assert.equal((await world.loadManifest(WAVES)).download.release, 2);

  await page.getByLabel('From release', { exact: true }).fill('1');
  await page.getByLabel('To release', { exact: true }).fill('2');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('heading', { name: 'Release 1 to 2' }).waitFor();
  assert.deepEqual(
    await page.getByRole('list', { name: 'Changed' }).getByRole('listitem').allTextContents(),
    [`~ ${LOW_WAVE.path}`],
  );
  await page.getByText('1 file the same in both').waitFor();
  await assertAccessible(page, 'diff');
  await page.goBack();

  await page.getByRole('button', { name: 'Roll back to release 1' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('will get release 1').waitFor();
  await assertAccessible(page, 'a question');
  await page.keyboard.press('Escape');
  assert.equal((await world.loadManifest(WAVES)).download.release, 2, 'who does not say yes changes nothing');
  await page.getByRole('button', { name: 'Roll back to release 1' }).click();
  await dialog.getByRole('button', { name: 'Roll back to 1' }).click();
  await page.getByText('readers get release 1').waitFor();
  await waitForRelease(world, 1);

  await page.getByRole('button', { name: 'Unpublish…' }).click();
  const unpublish = dialog.getByRole('button', { name: 'Unpublish' });
  assert.ok(await unpublish.isDisabled(), 'the name has to be typed');
  await page.keyboard.type(WAVES);
  await unpublish.click();
  await page.getByText('Taken back on').waitFor();
  await waitFor('a manifest that is gone', async () => {
    return (await fetch(`${world.server.url}/tags/${WAVES}/manifest.json`)).status === 410;
  });

  await page.getByRole('button', { name: 'Roll back to release 2' }).click();
  // Somebody else is faster: nothing is undone that was not seen.
  await rollBackElsewhere(world, 1);
  await dialog.getByRole('button', { name: 'Roll back to 2' }).click();
  await dialog.getByRole('alert').getByText('has changed since').waitFor();
  await waitForRelease(world, 1);
}

/** Readers hear of a moved pointer within a second. */
function waitForRelease(world, release) {
  return waitFor(`readers with release ${release}`, async () => {
    const answer = await fetch(`${world.server.url}/tags/${WAVES}/manifest.json`);
    return answer.ok && (await answer.json()).download.release === release;
  });
}

async function publishesFolders(world) {
  const page = await openConsole(world, 'publish:new-');
  const asked = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await goTo(page, '#/publish');
  await page.getByRole('heading', { name: 'Publish' }).waitFor();
  await assertAccessible(page, 'publish');
  await chooseFolder(page, world.fixtures.wavesFolder);
  await page.getByTestId('found').getByText('2 files').waitFor();
  await page.getByLabel('Tag', { exact: true }).fill('other');
  await pressPublish(page);
  await page.getByRole('alert').getByText('This token may not publish other').waitFor();
  await page.getByLabel('Tag', { exact: true }).fill('new-waves');
  // The first piece of each file arrives; the second waits.
  const isLater = (request) => request.method === 'PATCH' && request.headers['upload-offset'] !== '0';
  world.proxy.hold((_, request) => isLater(request));
  await pressPublish(page);
  await waitFor('a second piece of each file', () => world.proxy.requests.filter(isLater).length === 2);
  await page.getByText('16.8 MB of 29.1 MB').waitFor();
  await assertAccessible(page, 'while it sends');
  await page.reload();
  assert.deepEqual(asked, ['beforeunload']);
  world.proxy.release();
  await page.getByTestId('unfinished').getByText('was not published to new-waves yet').waitFor();
  const mark = world.proxy.requests.length;
  await chooseFolder(page, world.fixtures.wavesFolder);
  await pressPublish(page);
  await page.getByRole('heading', { name: 'Release 1 of new-waves is out' }).waitFor();
  const sent = world.proxy.since(mark).filter(({ method }) => method === 'PATCH');
  // How much of the held ones still came through decides how many there are.
  assert.ok(sent.every(isLater), 'the first pieces do not travel twice');
  const made = world.proxy.requests.filter(
    ({ method, path }) => method === 'POST' && path === '/api/uploads',
  );
  assert.equal(made.length, 2, 'an upload for each file, and none again');
  const [published, local] = [await world.loadManifest('new-waves'), await world.loadManifest(WAVES)];
  assert.equal(published.metadata.title, 'Waves');
  assert.deepEqual(digestsOf(published), digestsOf(local));

  await page.getByRole('button', { name: 'Publish another' }).click();
  await publishFolder(page, world.fixtures.wavesFolder, 'new-waves');
  await page.getByRole('heading', { name: 'Nothing changed' }).waitFor();
  await page.getByRole('button', { name: 'Publish another' }).click();
  await publishFolder(page, twoCovers(world), 'new-covers');
  await page.getByTestId('problem-files').getByText('cover.jpeg').waitFor();
  assert.deepEqual(await page.getByTestId('problem-files').getByRole('listitem').allTextContents(), [
    'cover.jpeg',
    'cover.jpg',
  ]);
  await assertAccessible(page, 'refused');
}

async function publishesWhatIsDropped(world) {
  const page = await openConsole(world, 'publish:');
  await goTo(page, '#/publish');
  const zone = page.locator('.drop');
  await zone.waitFor();
  const { folder, paths } = folderToDrop(world);
  const drag = await dragOver(page, zone, [folder]);
  assert.equal(await zone.getAttribute('data-over'), '', 'it says that it takes what is above it');
  await drag.leave();
  assert.equal(await zone.getAttribute('data-over'), null);
  await (await dragOver(page, zone, [folder])).drop();
  await page.getByTestId('found').getByText(`Dropped Sounds: ${paths.length} files`).waitFor();
  await page.getByTestId('found').getByText('described by tag.toml').waitFor();
  const tag = await page.getByLabel('Tag', { exact: true }).inputValue();
  assert.equal(tag, 'dropped-sounds', 'named like the folder');
  await pressPublish(page);
  await page.getByRole('heading', { name: `Release 1 of ${tag} is out` }).waitFor({ timeout: 90_000 });
  const published = await world.loadManifest(tag);
  assert.equal(published.metadata.title, 'What was dropped');
  assert.deepEqual(pathsOf(published), paths);
  // The same folder, chosen instead: there is nothing new in it.
  await page.getByRole('button', { name: 'Publish another' }).click();
  await publishFolder(page, folder, tag);
  await page.getByRole('heading', { name: 'Nothing changed' }).waitFor();

  await page.getByRole('button', { name: 'Publish another' }).click();
  await (await dragOver(page, zone, [join(folder, LOW_WAVE.path), join(folder, 'notes')])).drop();
  await page.getByTestId('found').getByText(`${paths.length} files`).waitFor();
  await page.getByLabel('Tag', { exact: true }).fill('loose');
  await pressPublish(page);
  await page.getByRole('heading', { name: 'Release 1 of loose is out' }).waitFor({ timeout: 90_000 });
  assert.deepEqual(pathsOf(await world.loadManifest('loose')), paths, 'folders among them stay folders');
}

/** More files in one folder than a browser lists at a time, folders in folders, and what is no content. */
function folderToDrop(world) {
  const folder = join(mkdtempSync(join(tmpdir(), 'dropped-')), 'Dropped Sounds');
  const notes = Array.from({ length: 230 }, (_, at) => `notes/${String(at + 1).padStart(3, '0')}.txt`);
  const texts = [...notes, 'notes/deep/er/über uns #1.txt'];
  for (const path of [...texts, '.hidden', 'notes/.hidden/x.txt', 'notes/unfinished.txt~']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    // Most are one blob, so that there is little to upload.
    writeFileSync(join(folder, path), notes.includes(path) ? 'A note.\n' : `This is ${path}.\n`);
  }
  writeFileSync(join(folder, 'tag.toml'), 'title = "What was dropped"\n');
  cpSync(join(world.fixtures.wavesFolder, LOW_WAVE.path), join(folder, LOW_WAVE.path));
  return { folder, paths: [...texts, LOW_WAVE.path].sort() };
}

/** What a hand does that holds files of the machine above an element, as the browser hears of it. */
async function dragOver(page, element, files) {
  const box = await element.boundingBox();
  const session = await page.context().newCDPSession(page);
  const tell = (type, x, y) =>
    session.send('Input.dispatchDragEvent', {
      type,
      x,
      y,
      data: { items: [], files, dragOperationsMask: 1 },
    });
  const middle = [box.x + box.width / 2, box.y + box.height / 2];
  for (const type of ['dragEnter', 'dragOver']) await tell(type, ...middle);
  return {
    leave: () => tell('dragOver', 1, 1),
    drop: () => tell('drop', ...middle),
  };
}

function pathsOf({ readingOrder, resources }) {
  return [...readingOrder, ...resources].map(({ properties }) => properties.path).sort();
}

async function publishFolder(page, folder, tag) {
  await chooseFolder(page, folder);
  await page.getByLabel('Tag', { exact: true }).fill(tag);
  await pressPublish(page);
}

function chooseFolder(page, folder) {
  return page.locator('#folder').setInputFiles(folder);
}

function pressPublish(page) {
  return page.getByRole('button', { name: 'Publish', exact: true }).click();
}

/** A folder with two pictures for one place. */
function twoCovers(world) {
  const folder = mkdtempSync(join(tmpdir(), 'two-covers-'));
  cpSync(join(world.fixtures.wavesFolder, LOW_WAVE.path), join(folder, LOW_WAVE.path));
  for (const name of ['cover.jpg', 'cover.jpeg'])
    writeFileSync(join(folder, name), world.fixtures.read(COURSE, 'cover.jpg'));
  return folder;
}

function digestsOf(manifest) {
  return manifest.readingOrder.map(({ properties }) => properties.digest);
}

async function makesTokens(world) {
  const page = await openConsole(world, 'admin');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await goTo(page, '#/tokens');
  await page.getByLabel('Name').fill('reader');
  await page.getByLabel('It may').selectOption('read');
  await page.getByLabel('Only tags that begin with').fill('wa');
  await assertAccessible(page, 'tokens');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const created = page.getByTestId('created-token');
  const secret = await created.getByLabel('Token').inputValue();
  assert.match(secret, /^sw_/);
  await assertAccessible(page, 'a token that was made');
  await created.getByRole('button', { name: 'Copy' }).click();
  await created.getByRole('status').getByText('Copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  await created.getByRole('button', { name: 'Done' }).click();
  const row = page.getByTestId('token').filter({ hasText: 'reader' });
  await row.getByText('looks at tags that begin with wa').waitFor();
  assert.ok(!(await page.content()).includes(secret), 'the secret is shown once');

  const reader = await openConsoleWith(world, secret);
  await reader.getByTestId('tag').first().waitFor();
  assert.deepEqual(await tagsOn(reader), [WAVES]);
  assert.deepEqual(await reader.getByRole('navigation').getByRole('link').allTextContents(), ['Tags']);
  await goTo(reader, '#/tokens');
  await reader.getByRole('heading', { name: 'Tags' }).waitFor();
  await goTo(reader, `#/tags/${WAVES}`);
  await reader.getByTestId('release').first().waitFor();
  assert.equal(await reader.getByRole('button', { name: 'Unpublish…' }).count(), 0);
  await goTo(reader, `#/tags/${COURSE}`);
  await reader.getByRole('alert').getByText('needs a token with the scope').waitFor();

  await row.getByRole('button', { name: 'Revoke reader' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await row.getByText('revoked', { exact: true }).waitFor();
  await goTo(reader, `#/tags/${WAVES}`);
  await reader.getByRole('heading', { name: 'Sign in' }).waitFor();
}

async function keepsHouse(world) {
  const orphan = leaveOrphan(world);
  const page = await openConsole(world, 'admin');
  await goTo(page, '#/jobs');
  await page.getByTestId('empty').getByText('No jobs yet').waitFor();
  await page.getByRole('button', { name: 'Count what can be removed' }).focus();
  await page.keyboard.press('Enter');
  const jobs = page.getByTestId('job');
  await jobs.first().getByText('1 object (7 bytes) can be removed').waitFor();
  assert.ok(existsSync(orphan), 'who counts removes nothing');
  await assertAccessible(page, 'jobs');

  await page.getByRole('button', { name: 'Remove it…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('cannot be brought back').waitFor();
  await assertAccessible(page, 'a question about removing');
  await page.keyboard.press('Escape');
  assert.equal(await jobs.count(), 1, 'who does not say yes begins nothing');
  await page.getByRole('button', { name: 'Remove it…' }).click();
  await dialog.getByRole('button', { name: 'Remove it', exact: true }).click();
  await jobs.first().getByText('1 object (7 bytes) removed').waitFor();
  assert.ok(!existsSync(orphan));

  spoilLargestBlob(world);
  const read = page.getByRole('button', { name: 'Read it again' });
  await read.click();
  await jobs.first().getByText('damage found').waitFor();
  await jobs
    .first()
    .getByRole('button', { name: /^Show what is damaged/ })
    .click();
  await jobs.first().getByTestId('damage').getByText('its digest is').waitFor();
  // A job of this kind runs, slowly; the list follows it, and another one is refused.
  await page.getByLabel('At most, in MB per second').fill('0.001');
  await read.click();
  await jobs.first().getByText('running', { exact: true }).waitFor();
  await read.click();
  await page.getByRole('alert').getByText('a scrub runs already').waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  await assertAccessible(page, 'jobs on a phone');
  assert.deepEqual(await wideElements(page), [], 'nothing is cut off');
  await world.server.stop('SIGTERM');
  await world.server.start();
  await jobs.first().getByText('interrupted', { exact: true }).waitFor();

  const publisher = await openConsole(world, 'publish:');
  await goTo(publisher, '#/jobs');
  await publisher.getByRole('heading', { name: 'Tags' }).waitFor();
  assert.equal(await publisher.getByRole('link', { name: 'Jobs' }).count(), 0);
}

/** What reaches beyond the right edge of the window. */
function wideElements(page) {
  return page.evaluate(() => {
    const isWide = (element) => element.getBoundingClientRect().right > innerWidth + 1;
    const wide = [...document.querySelectorAll('body *')].filter(isWide);
    return wide.map(
      (element) => `${element.localName}.${element.className}: ${element.textContent.slice(0, 60)}`,
    );
  });
}

/** An object that no release needs, and that is old enough to be removed. */
function leaveOrphan({ dataFolder }) {
  const folder = join(dataFolder, 'store/blobs/ab');
  mkdirSync(folder, { recursive: true });
  const orphan = join(folder, 'ab'.repeat(32));
  writeFileSync(orphan, 'orphan\n');
  const lastWeek = Date.now() / 1000 - 7 * 24 * 3600;
  utimesSync(orphan, lastWeek, lastWeek);
  return orphan;
}

function spoilLargestBlob({ dataFolder }) {
  const folder = join(dataFolder, 'store/blobs');
  const blobs = readdirSync(folder).flatMap((name) =>
    readdirSync(join(folder, name)).map((blob) => join(folder, name, blob)),
  );
  const [largest] = blobs.sort((a, b) => statSync(b).size - statSync(a).size);
  const file = openSync(largest, 'r+');
  writeSync(file, 'spoiled', 1000);
  closeSync(file);
}

/** Signed in by what a reload would find. */
async function openConsole(world, scope) {
  return openConsoleWith(world, await makeToken({ ...world.server, name: scope, scope }));
}

async function openConsoleWith(world, token) {
  const browser = world.browsers[0]?.browser ?? (await world.openBrowser('chromium'));
  const page = await browser.newPage();
  await page.goto(`${world.url}/admin`);
  await signInWith(page, token);
  await page.getByRole('heading', { name: 'Tags', exact: true }).waitFor();
  return page;
}

async function signInWith(page, token) {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

function goTo(page, hash) {
  return page.evaluate((hash) => {
    location.hash = hash;
  }, hash);
}

function tagsOn(page) {
  return page.getByTestId('tag').locator('code').allTextContents();
}

async function assertAccessible(page, what) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await findBarriers(page), [], `${what}, ${colorScheme}`);
  }
}

async function revoke(world, token) {
  const answer = await ask(world, token, 'DELETE', `/api/tokens/${token.split('_')[1]}`);
  assert.equal(answer.status, 200);
}

async function rollBackElsewhere(world, release) {
  const token = await makeToken({ ...world.server, name: 'elsewhere', scope: 'admin' });
  const answer = await ask(world, token, 'POST', `/api/tags/${WAVES}/rollback`, { release });
  assert.equal(answer.status, 200);
}

function ask(world, token, method, path, document) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(world.server.url + path, { method, headers, body: document && JSON.stringify(document) });
}

/**
 * Measures the back ends of storage in real browsers: MiB/s written and read, best of three, as docs/adr/0024 tells.
 *
 *   node e2e/measure-storage.mjs
 */
import { createServer } from 'node:http';
import { openChromium } from './chromium.mjs';
import { openFirefox } from './firefox.mjs';
import { HOST } from './ports.mjs';
import { loadStorageSuite } from './storage-bundle.mjs';
import { Workspace } from './workspace.mjs';

const PIECES = 96;
const ROUNDS = 3;
const OPENERS = { chromium: openChromium, firefox: openFirefox };

const workspace = new Workspace();
process.once('exit', () => workspace.remove());
const server = createServer((_, answer) => {
  answer.writeHead(200, { 'Content-Type': 'text/html' });
  answer.end('<!doctype html><title>Storage</title>');
});
await new Promise((resolve) => server.listen(0, HOST, resolve));
const rows = [];
for (const [engine, open] of Object.entries(OPENERS)) {
  const browser = await open(workspace.makeFolder(engine));
  const page = await browser.newPage();
  await page.goto(`http://${HOST}:${server.address().port}/`);
  await loadStorageSuite(page);
  for (const name of await page.evaluate(() => storageSuite.names)) {
    const rounds = [];
    for (let i = 0; i < ROUNDS; i += 1)
      rounds.push(
        await page.evaluate(({ name, count }) => storageSuite.measure(name, count), { name, count: PIECES }),
      );
    const best = (key) => Math.round(Math.max(...rounds.map((round) => round[key])));
    rows.push({ engine, name, 'write MiB/s': best('write'), 'read MiB/s': best('read') });
  }
  await browser.close();
}
console.table(rows);
server.close();

/**
 * Browser tests: the real server, the real pages, real Chromium, Firefox and WebKitGTK. The last line counts.
 *
 *   node e2e/run.mjs                  what every change must pass: each feature, and each kind of fault in one browser
 *   node e2e/run.mjs --long           the long lane: the same faults in the other browsers, and more seeds
 *   node e2e/run.mjs --only firefox   those whose name has these words
 *   node e2e/run.mjs --repeat 5       each five times, to hunt for chance
 *   node e2e/run.mjs --list           names only
 *
 * STOWAWAY_CLIENT_DIST serves the client from a build folder instead of the server's own copy.
 * STOWAWAY_BINARY names the server (default: target/debug/stowaway), CHROMIUM_BIN and FIREFOX_BIN the browsers.
 */
import { parseArgs } from 'node:util';
import { findBinary, misused } from './find-binary.mjs';
import { Fixtures } from './fixtures.mjs';
import { endProcessesOf, killProcessesOf } from './processes.mjs';
import { Runner } from './runner.mjs';
import { tests } from './tests/index.mjs';
import { Workspace } from './workspace.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    repeat: { type: 'string', default: '1' },
    long: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const repeat = Number(options.repeat);
if (!Number.isInteger(repeat) || repeat < 1)
  misused(`--repeat ${options.repeat}: a whole number from 1 is needed`);
const chosen = tests.filter(
  ({ name, long = false }) =>
    // Whoever names a test means it, whatever its lane.
    name.toLowerCase().includes(options.only.toLowerCase()) && (options.only !== '' || long === options.long),
);
if (chosen.length === 0) misused(`--only ${options.only}: no test has these words; see --list`);

if (options.list) for (const { name } of chosen) console.log(name);
else await main();

async function main() {
  const binary = findBinary();
  const workspace = new Workspace();
  process.env.TMPDIR = workspace.folder; // Browsers leave things there, too.
  process.once('exit', () => {
    killProcessesOf(workspace.folder); // Only when the run was ended from outside are there any.
    workspace.remove();
  });
  const fixtures = new Fixtures({ binary, workspace });
  await fixtures.prepare();
  const runner = new Runner({ binary, workspace, fixtures });
  for (let round = 1; round <= repeat; round += 1) {
    if (repeat > 1) console.log(`round ${round} of ${repeat}`);
    for (const test of chosen) await runner.run(test);
  }
  const left = await endProcessesOf(workspace.folder);
  for (const { pid, command } of left) console.log(`FAILED process ${pid} was left behind: ${command}`);
  const failed = runner.failed + left.length;
  const skipped = runner.skipped > 0 ? `, ${runner.skipped} skipped` : '';
  console.log(`${runner.passed} passed, ${failed} failed${skipped}`);
  process.exitCode = failed === 0 ? 0 : 1;
}

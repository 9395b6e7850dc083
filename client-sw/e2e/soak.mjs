/**
 * Random schedules of faults in Chromium, one seed each. The last line counts; a seed that fails is named and can be run
 * again alone.
 *
 *   node e2e/soak.mjs                       200 schedules, from seed 1
 *   node e2e/soak.mjs --seed 17 --count 1   one again
 */
import { parseArgs } from 'node:util';
import { findBinary } from './find-binary.mjs';
import { Fixtures } from './fixtures.mjs';
import { endProcessesOf, killProcessesOf } from './processes.mjs';
import { runSchedule, SCHEDULE_LIMIT_MS } from './run-schedule.mjs';
import { Runner } from './runner.mjs';
import { Workspace } from './workspace.mjs';

const { values: options } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '200' } },
});

const binary = findBinary();
const workspace = new Workspace();
process.env.TMPDIR = workspace.folder; // Browsers leave things there, too.
process.once('exit', () => {
  killProcessesOf(workspace.folder);
  workspace.remove();
});
const fixtures = new Fixtures({ binary, workspace });
await fixtures.prepare();
const runner = new Runner({ binary, workspace, fixtures, limitMs: SCHEDULE_LIMIT_MS });
for (let seed = Number(options.seed); seed < Number(options.seed) + Number(options.count); seed += 1)
  await runner.run({ name: `chromium: soak, seed ${seed}`, run: (world) => runSchedule(world, seed) });
const left = await endProcessesOf(workspace.folder);
for (const { pid, command } of left) console.log(`FAILED process ${pid} was left behind: ${command}`);
console.log(`${runner.passed} passed, ${runner.failed + left.length} failed`);
process.exitCode = runner.failed + left.length === 0 ? 0 : 1;

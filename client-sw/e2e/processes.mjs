/** Sees to it that no process outlives the run: ends what was started here, by its id, even when the run is ended. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { waitFor } from './wait-for.mjs';

const WIND_DOWN_MS = 5_000;
const children = new Set();

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** Registers a child process until its end. */
export function watchChild(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/**
 * Processes that still work in a folder, or name it in their command line, after they had time to end. Browsers'
 * helpers end a little after their parent. Those that stay are killed, and told.
 */
export async function endProcessesOf(folder) {
  try {
    await waitFor('processes to end', () => processesOf(folder).length === 0, { timeoutMs: WIND_DOWN_MS });
    return [];
  } catch {
    return killProcessesOf(folder);
  }
}

/** Kills them at once, and tells which they were. */
export function killProcessesOf(folder) {
  const left = processesOf(folder);
  for (const { pid } of left) kill(pid);
  return left;
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // Its parent's end has ended it.
  }
}

function processesOf(folder) {
  const found = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const folderOfProcess = readlinkSync(`/proc/${name}/cwd`);
      if (command.includes(folder) || folderOfProcess.startsWith(folder))
        found.push({ pid: Number(name), command });
    } catch (error) {
      if (!['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) throw error; // It ended meanwhile, or is not ours.
    }
  }
  return found;
}

/** The memory of a browser: what all its processes hold, each shared page counted once (PSS), read from /proc. Linux. */
import { readdirSync, readFileSync } from 'node:fs';

const SAMPLE_INTERVAL_MS = 250;

/** Bytes that the processes of a profile and all their descendants hold. */
export function readMemory(profileFolder) {
  const processes = readProcesses();
  const pids = new Set(
    processes.filter(({ command }) => command.includes(profileFolder)).map(({ pid }) => pid),
  );
  for (let before = -1; before !== pids.size; ) {
    before = pids.size;
    for (const { pid, parent } of processes) if (pids.has(parent)) pids.add(pid);
  }
  if (pids.size === 0) throw new Error(`no process names ${profileFolder}`);
  return [...pids].reduce((sum, pid) => sum + readPss(pid), 0);
}

/** Reads it again and again; `highest` is the most that was ever seen since it was set to 0. */
export class MemoryWatch {
  highest = 0;
  samples = 0;
  #timer;

  constructor(profileFolder) {
    this.#timer = setInterval(() => {
      this.highest = Math.max(this.highest, readMemory(profileFolder));
      this.samples += 1;
    }, SAMPLE_INTERVAL_MS);
  }

  end() {
    clearInterval(this.#timer);
  }
}

function readProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const stat = readOf(pid, 'stat');
      const command = readOf(pid, 'cmdline');
      if (stat === undefined || command === undefined) return [];
      // The name of the program, in brackets, may hold anything.
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(pid), parent: Number(parent), command }];
    });
}

function readPss(pid) {
  const kib = /^Pss:\s+(\d+) kB$/m.exec(readOf(pid, 'smaps_rollup') ?? '')?.[1];
  return Number(kib ?? 0) * 1024;
}

/** undefined when the process has ended meanwhile. */
function readOf(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(error.code)) return undefined;
    throw error;
  }
}

/** The memory of a browser: what all its processes hold, each shared page counted once (PSS), read from /proc. Linux. */
import { readdirSync, readFileSync } from 'node:fs';

const SAMPLE_INTERVAL_MS = 250;

/**
 * Bytes that the processes of a profile and all their descendants hold: `bytes` in all, and `parts` by process. Of each part
 * `anon` is its own, `file` pages of files (programs, libraries, mapped data), `shmem` memory that is shared between processes.
 */
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
  const parts = processes
    .filter(({ pid }) => pids.has(pid))
    .map(({ pid, command }) => ({ pid, kind: kindOf(command), ...readPss(pid) }));
  return { bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), parts };
}

/** Reads it again and again; `highest` is the most that was ever seen since `startAgain`. */
export class MemoryWatch {
  highest = { bytes: 0, parts: [] };
  samples = 0;
  #timer;

  constructor(profileFolder) {
    this.#timer = setInterval(() => {
      const seen = readMemory(profileFolder);
      if (seen.bytes > this.highest.bytes) this.highest = seen;
      this.samples += 1;
    }, SAMPLE_INTERVAL_MS);
  }

  /** Gives the highest, and forgets it. */
  startAgain() {
    const { highest } = this;
    this.highest = { bytes: 0, parts: [] };
    return highest;
  }

  end() {
    clearInterval(this.#timer);
  }
}

/** What a process of Chromium or Firefox is there for. */
function kindOf(command) {
  const chromium = /--utility-sub-type=(\w+)/.exec(command) ?? /--type=([\w-]+)/.exec(command);
  if (chromium) return chromium[1];
  // Firefox names it last.
  return command.includes('-contentproc') ? (/(\w+)$/.exec(command)?.[1] ?? 'content') : 'browser';
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
  const text = readOf(pid, 'smaps_rollup') ?? '';
  const read = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { bytes: read('Pss'), anon: read('Pss_Anon'), file: read('Pss_File'), shmem: read('Pss_Shmem') };
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

/** Runs the real `stowaway` binary on one data folder and one port: start, stop, kill and start again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { AccessLog } from './access-log.mjs';
import { HOST, refuses } from './ports.mjs';
import { watchChild } from './processes.mjs';
import { waitFor, withLimit } from './wait-for.mjs';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 15_000;
const COMMAND_LIMIT_MS = 60_000;

/** Starts the binary; configured through the environment, so that nothing of the developer's own is read. */
function run(binary, words, dataFolder, port = 0, more = {}) {
  const env = {
    PATH: process.env.PATH,
    STOWAWAY_LISTEN: `${HOST}:${port}`,
    STOWAWAY_STORAGE__URL: `file://${dataFolder}/store`,
    STOWAWAY_DATABASE__URL: `sqlite:${dataFolder}/stowaway.db`,
    STOWAWAY_LOG__FORMAT: 'json',
    STOWAWAY_LOG__LEVEL: 'info',
    // A new release is seen at once: no test waits for a cache to forget the old one.
    STOWAWAY_EDGE__POINTER_MAX_AGE_SECONDS: '0',
    ...more,
  };
  return watchChild(spawn(binary, words, { cwd: dataFolder, env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Publishes a folder, as an author would. */
export function publish({ binary, dataFolder, folder, tag, limitMs }) {
  return runToEnd(binary, ['publish', folder, '--tag', tag], { dataFolder, limitMs });
}

/** Exports everything as a site of plain files, to a folder or the URL of a bucket. */
export function exportSite({ binary, dataFolder, destination, env }) {
  return runToEnd(binary, ['export', destination, '--all'], { dataFolder, env });
}

/** Runs a job that keeps house, as an operator would. */
export function keepHouse({ binary, dataFolder, job }) {
  return runToEnd(binary, job, { dataFolder });
}

/** Makes a token, as an operator would. */
export async function makeToken({ binary, dataFolder, name, scope }) {
  const said = await runToEnd(binary, ['token', 'create', '--name', name, '--scope', scope], { dataFolder });
  return said.split('\n', 1)[0];
}

/** Runs a command that ends by itself; gives what it said. */
async function runToEnd(binary, words, { dataFolder, env, limitMs = COMMAND_LIMIT_MS }) {
  const child = run(binary, words, dataFolder, 0, env);
  const command = `stowaway ${words.join(' ')}`;
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  try {
    const [code] = await withLimit(command, once(child, 'close'), limitMs);
    if (code !== 0) throw new Error(`${command} ended with ${code}:\n${said}`);
  } finally {
    child.kill('SIGKILL');
  }
  return said;
}

export class Server {
  log = new AccessLog();
  #child;
  #runs = 0;

  constructor({ binary, dataFolder, port }) {
    this.binary = binary;
    this.dataFolder = dataFolder;
    this.port = port;
  }

  get url() {
    return `http://${HOST}:${this.port}`;
  }

  async start() {
    this.#runs += 1;
    const child = run(this.binary, ['serve'], this.dataFolder, this.port);
    this.#child = child;
    this.log.follow(child.stdout, this.#runs);
    this.log.follow(child.stderr, this.#runs);
    let ended;
    child.once('error', (error) => (ended = error.message));
    child.once('exit', (code, signal) => (ended = `ended with ${code ?? signal}`));
    const outcome = await waitFor(
      'the server to be ready',
      async () => ended ?? (await fetch(`${this.url}/readyz`)).ok,
      { timeoutMs: START_LIMIT_MS },
    );
    if (outcome !== true) throw new Error(`stowaway serve ${outcome}:\n${this.log.tail()}`);
  }

  /** Ends the process and proves that it is gone: `SIGKILL` as a power cut would, `SIGTERM` as an operator would. */
  async stop(signal = 'SIGKILL') {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    if (child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close'); // After the pipes: the log is complete.
      child.kill(signal);
      try {
        await withLimit(`the server's end after ${signal}`, closed, STOP_LIMIT_MS);
      } finally {
        child.kill('SIGKILL');
      }
    }
    await waitFor('the server port to refuse', () => refuses(this.port), { timeoutMs: STOP_LIMIT_MS });
  }
}

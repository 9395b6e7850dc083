/**
 * WebKitGTK through its own WebDriver, in a display of its own. Sessions are ephemeral: what is stored lives as long as the
 * browser. Pages have the part of playwright's page that the tests of this engine use.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConsoleRecord } from './console-record.mjs';
import { findFreePort, HOST, refuses } from './ports.mjs';
import { watchChild } from './processes.mjs';
import { waitFor, withLimit } from './wait-for.mjs';

const DRIVER = process.env.WEBKIT_DRIVER_BIN ?? '/usr/bin/WebKitWebDriver';
const BROWSERS = [
  '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
  '/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
];
const START_LIMIT_MS = 30_000;
const SCRIPT_LIMIT_MS = 60_000;
const CLOSE_LIMIT_MS = 10_000;
/** Longer than a script may take. */
const COMMAND_LIMIT_MS = 90_000;

/** Why this engine cannot be tested here, or undefined. */
export function whyNoWebKit() {
  if (!existsSync(DRIVER)) return `${DRIVER} is not there (Debian: webkit2gtk-driver)`;
  if (!findMiniBrowser()) return `no MiniBrowser in ${BROWSERS.join(', ')}`;
  return spawnSync('Xvfb', ['-help']).error ? 'Xvfb is not there (Debian: xvfb)' : undefined;
}

function findMiniBrowser() {
  return BROWSERS.find((path) => existsSync(path));
}

/** A browser as the tests see it: `newPage` (once), `pages`, `console`, `close`. */
export async function openWebKit(profileFolder) {
  const display = await openDisplay(profileFolder);
  const port = await findFreePort();
  const driver = watchChild(
    spawn(DRIVER, [`--port=${port}`, `--host=${HOST}`], {
      cwd: profileFolder,
      env: { ...ownFolders(profileFolder), DISPLAY: display.name },
      stdio: 'ignore',
    }),
  );
  const base = `http://${HOST}:${port}`;
  await waitFor('WebKitWebDriver', async () => !(await refuses(port)), { timeoutMs: START_LIMIT_MS });
  const { sessionId } = await call('POST', `${base}/session`, {
    capabilities: {
      alwaysMatch: {
        'webkitgtk:browserOptions': { binary: findMiniBrowser(), args: ['--automation'] },
        timeouts: { script: SCRIPT_LIMIT_MS },
      },
    },
  });
  const page = new WebKitPage(`${base}/session/${sessionId}`);
  return {
    name: 'webkit',
    console: new ConsoleRecord(),
    pages: new Set([page]),
    newPage: async () => page,
    async close() {
      try {
        await withLimit('closing WebKit', call('DELETE', `${base}/session/${sessionId}`), CLOSE_LIMIT_MS);
      } finally {
        driver.kill('SIGKILL');
        display.child.kill('SIGKILL');
      }
    },
  };
}

/** Nothing of the developer's own is read or written. */
function ownFolders(folder) {
  const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1' };
  for (const name of ['XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR']) {
    env[name] = join(folder, name.toLowerCase());
    mkdirSync(env[name], { recursive: true, mode: 0o700 });
  }
  return env;
}

/** A display that nobody sees; it picks a free number itself and tells it. */
async function openDisplay(folder) {
  const child = watchChild(
    spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    }),
  );
  let said = '';
  child.stdio[3].on('data', (text) => (said += text));
  await waitFor('the display', () => said.endsWith('\n'), { timeoutMs: START_LIMIT_MS });
  return { child, name: `:${said.trim()}` };
}

class WebKitPage {
  #session;
  #url = 'about:blank';
  mouse = { click: (x, y) => this.#click(Math.round(x), Math.round(y)) };

  constructor(session) {
    this.#session = session;
  }

  url() {
    return this.#url;
  }

  async goto(url) {
    await call('POST', `${this.#session}/url`, { url });
    this.#url = url;
  }

  reload() {
    return call('POST', `${this.#session}/refresh`, {});
  }

  /** A function with at most one argument; what it answers comes back as JSON. */
  async evaluate(body, argument) {
    const script = `const done = arguments[1];
      Promise.resolve(arguments[0]).then(${body}).then(
        (value) => done({ value }),
        (error) => done({ error: String(error) + '\\n' + (error?.stack ?? '') }));`;
    const answer = await call('POST', `${this.#session}/execute/async`, { script, args: [argument ?? null] });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value ?? undefined;
  }

  /** A real click, as far as the engine is concerned. */
  #click(x, y) {
    const parameters = { pointerType: 'mouse' };
    const actions = [
      { type: 'pointerMove', duration: 0, x, y, origin: 'viewport' },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ];
    return call('POST', `${this.#session}/actions`, {
      actions: [{ type: 'pointer', id: 'mouse', parameters, actions }],
    });
  }
}

async function call(method, url, body) {
  const answer = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    signal: AbortSignal.timeout(COMMAND_LIMIT_MS),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${url}: ${value.error}: ${value.message}`);
  return value;
}

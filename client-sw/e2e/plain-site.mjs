/**
 * Exported sites behind what serves them: a folder behind nginx with the exported snippet; and a bucket of moto's behind what stands for
 * a CDN: it asks the bucket for the object that is called like the address, and the root for index.html.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, HOST, refuses } from './ports.mjs';
import { watchChild } from './processes.mjs';
import { waitFor, withLimit } from './wait-for.mjs';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;
const MOTO = fileURLToPath(new URL('../../target/tools/python/bin/moto_server', import.meta.url));
/** Who asks: moto refuses strangers, and looks no closer than that. */
const ALLOWED_BY_MOTO =
  'AWS4-HMAC-SHA256 Credential=sample/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
const BUCKET = 'media';
const PREFIX = 'site';

/** A process that listens on a port, from its start to its end. */
class Listener {
  #child;

  async start(program, words, port) {
    this.port = port;
    this.#child = watchChild(spawn(program, words, { stdio: 'ignore' }));
    let ended;
    this.#child.once('error', (error) => (ended = error.message));
    this.#child.once('exit', (code, signal) => (ended = `ended with ${code ?? signal}`));
    const outcome = await waitFor(`${program} to listen`, async () => ended ?? !(await refuses(port)), {
      timeoutMs: START_LIMIT_MS,
    });
    if (outcome !== true) throw new Error(`${program} ${outcome}`);
  }

  async stop() {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await withLimit('its end', closed, STOP_LIMIT_MS);
    await waitFor('its port to refuse', () => refuses(this.port), { timeoutMs: STOP_LIMIT_MS });
  }
}

/** A folder behind nginx. `down` ends nginx. */
export async function serveFolder(site, workFolder) {
  const port = await findFreePort();
  mkdirSync(workFolder, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${workFolder}/${kind};`)
    .join('\n');
  const file = join(workFolder, 'nginx.conf');
  const log = join(workFolder, 'error.log');
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${workFolder}/pid; error_log ${log}; events { }
http { access_log off; ${temporary}
server { listen ${HOST}:${port}; root "${site}"; include "${site}/.stowaway/nginx.conf"; } }`,
  );
  const program = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(existsSync) ?? 'nginx';
  const nginx = new Listener();
  await nginx.start(program, ['-c', file, '-e', log], port);
  return { url: `http://${HOST}:${port}`, down: () => nginx.stop() };
}

/** An empty bucket of moto's. */
export async function openBucket() {
  const port = await findFreePort();
  const moto = new Listener();
  await moto.start(MOTO, ['-H', HOST, '-p', String(port)], port);
  const endpoint = `http://${HOST}:${port}`;
  const made = await fetch(`${endpoint}/${BUCKET}`, { method: 'PUT' });
  if (!made.ok) throw new Error(`the bucket could not be made: ${made.status}`);
  const server = createServer((incoming, outgoing) => passOn(port, incoming, outgoing));
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    endpoint,
    destination: `s3://${BUCKET}/${PREFIX}`,
    credentials: { AWS_ACCESS_KEY_ID: 'sample', AWS_SECRET_ACCESS_KEY: 'sample-secret' },
    url: `http://${HOST}:${server.address().port}`,
    async down() {
      if (server.listening) {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }
      await moto.stop();
    },
  };
}

function passOn(port, incoming, outgoing) {
  const [asked] = incoming.url.split('?'); // An object has no query.
  const path = asked === '/' ? '/index.html' : asked;
  const { range, 'if-none-match': ifNoneMatch } = incoming.headers;
  const headers = {
    authorization: ALLOWED_BY_MOTO,
    ...(range && { range }),
    ...(ifNoneMatch && { 'if-none-match': ifNoneMatch }),
  };
  const passed = request(
    { host: HOST, port, method: incoming.method, path: `/${BUCKET}/${PREFIX}${path}`, headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    },
  );
  passed.once('error', () => outgoing.destroy());
  outgoing.once('close', () => passed.destroy());
  passed.end();
}

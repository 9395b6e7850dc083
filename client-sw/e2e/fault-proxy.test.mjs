/** The proxy that browser tests count with: no request may look open for ever once its browser is gone. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultProxy } from './fault-proxy.mjs';
import { findFreePort, HOST } from './ports.mjs';
import { waitFor } from './wait-for.mjs';

const REQUEST_STARTS = 'http.server.request.start';
const BODY_BYTES = 1024 * 1024;

let server;
let proxy;
/** The serving ends of all connections: the proxy's and those of the server behind it. */
let sockets;
const note = ({ socket }) => sockets.push(socket);

beforeEach(async () => {
  sockets = [];
  subscribe(REQUEST_STARTS, note);
  server = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'Content-Length': BODY_BYTES });
    outgoing.end(Buffer.alloc(BODY_BYTES));
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  proxy = new FaultProxy({ port: await findFreePort(), targetPort: server.address().port });
  await proxy.up();
});

afterEach(async () => {
  unsubscribe(REQUEST_STARTS, note);
  await proxy.down();
  server.close();
});

test('a request that is answered whole is counted to its last byte', async () => {
  const asking = request({ host: HOST, port: proxy.port, agent: false }).end();
  const [answer] = await once(asking, 'response');
  let bytes = 0;
  for await (const chunk of answer) bytes += chunk.length;
  expect(bytes).toBe(BODY_BYTES);
  await waitFor('the record', () => proxy.requests[0].complete);
  expect(proxy.requests[0].bytes).toBe(BODY_BYTES);
});

test('a connection that breaks just before a slice is written ends its request', async () => {
  proxy.stall();
  const asking = request({ host: HOST, port: proxy.port, agent: false }).end();
  const broken = once(asking, 'error');
  await waitFor('the head', () => proxy.requests[0]?.status === 200);
  // In one turn: destroyed, not closed yet, and written to.
  sockets.find(({ localPort }) => localPort === proxy.port).destroy();
  proxy.flow();
  await waitFor('the record to end', () => proxy.requests[0].error, { timeoutMs: 2_000 });
  expect(proxy.requests[0].complete).toBeUndefined();
  await broken;
});

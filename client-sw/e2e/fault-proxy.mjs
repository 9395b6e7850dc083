/**
 * A reverse proxy on loopback between browser and server that sees every request with its headers, counts the body
 * bytes that it passed on, and breaks things when told: one answer replaced by a status, one body cut or damaged, another
 * ETag from some moment on, everything slow, everything held, or gone altogether. It changes nothing else.
 */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { gate } from './gate.mjs';
import { Pace } from './pace.mjs';
import { HOST, refuses } from './ports.mjs';

const SLICE_BYTES = 64 * 1024;
const HAS_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

export class FaultProxy {
  /** Every request in the order of arrival: method, path, headers, status, bytes on the wire, bytes of content, cut, closed. */
  requests = [];
  #server;
  #sockets = new Set();
  #faults = [];
  #etags = [];
  #pace = new Pace();
  #targetPorts;
  #turn = 0;
  /** Path → type and body: answered here, whatever the server has. */
  overlay = new Map();
  /** May refuse requests, with `(path, incoming)` → status and headers, or undefined for those that may pass. */
  guard = () => undefined;
  #held;

  constructor({ port, targetPort }) {
    this.port = port;
    this.#targetPorts = [targetPort];
  }

  get url() {
    return `http://${HOST}:${this.port}`;
  }

  async up() {
    this.#server = createServer((incoming, outgoing) => this.#serve(incoming, outgoing));
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.listen(this.port, HOST);
    await once(this.#server, 'listening');
  }

  /** Drops every connection and stops listening. */
  async down() {
    if (!this.#server) return;
    this.release();
    this.flow();
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#server = undefined;
    if (!(await refuses(this.port))) throw new Error(`something else listens on port ${this.port}`);
  }

  /**
   * Breaks the next `times` GETs whose path matches: with `status`, an answer without a body of use; with `cutAfter`, a
   * connection cut after so many body bytes; with `damageAt`, one byte that is another. Both may be a function of the
   * body's length.
   */
  fault({ matches, times = 1, ...what }) {
    this.#faults.push({ matches, times, ...what });
  }

  /** Faults that nothing has met yet: a test that leaves some has tested less than it says. */
  get faultsLeft() {
    return this.#faults.length;
  }

  /** The next GET of this path is answered with this status. */
  answerOnce(path, status) {
    this.fault({ matches: (asked) => asked === path, status });
  }

  /** The connection of the next GET of this path is cut after so many body bytes. */
  cutOnce(path, cutAfter) {
    this.fault({ matches: (asked) => asked === path, cutAfter });
  }

  /** From now on, answers of paths that match have this ETag, and If-Range is answered as a server with that ETag would. */
  changeEtag(matches, etag) {
    this.#etags.unshift({ matches, etag });
  }

  /** All bodies together move at most this fast. */
  limit(bytesPerSecond) {
    this.#pace.bytesPerSecond = bytesPerSecond;
  }

  /** Requests that match by path, method and headers wait, before they are passed on, until `release`. */
  hold(matches) {
    this.#held = { matches, ...gate() };
  }

  release() {
    this.#held?.open();
    this.#held = undefined;
  }

  /** All bodies stop where they are, until `flow`. */
  stall() {
    this.#pace.stall();
  }

  flow() {
    this.#pace.flow();
  }

  /** From now on, these servers are asked in turn, and the next one at once when one refuses. */
  balance(ports) {
    this.#targetPorts = ports;
  }

  /** Requests since a mark (an earlier `requests.length`). */
  since(mark) {
    return this.requests.slice(mark);
  }

  async #serve(incoming, outgoing) {
    const path = incoming.url.split('?')[0];
    const record = { method: incoming.method, path, headers: incoming.headers, bytes: 0 };
    this.requests.push(record);
    outgoing.once('close', () => {
      record.closed = true;
    });
    try {
      if (this.#held?.matches(path, incoming)) await this.#held.opened;
      if (outgoing.destroyed) throw new Error('the browser closed the connection');
      const fault = incoming.method === 'GET' ? this.#takeFault(path) : undefined;
      const refusal = fault?.status ? fault : this.guard(path, incoming);
      if (refusal) refuse(refusal, record, outgoing);
      else if (this.overlay.has(path)) this.#answerItself(this.overlay.get(path), record, outgoing);
      else await this.#pass(incoming, outgoing, record, fault);
    } catch (error) {
      record.error = error.message; // The server went away, or the browser did: the browser sees a lost connection.
      outgoing.destroy();
    }
  }

  #answerItself({ type, body }, record, outgoing) {
    record.status = 200;
    const headers = { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' };
    outgoing.writeHead(200, { 'Content-Type': type, ...headers });
    outgoing.end(record.method === 'HEAD' ? undefined : body);
    record.complete = true;
  }

  /** A connection of its own for each request: no idle one that the server may just be closing. */
  async #pass(incoming, outgoing, record, fault) {
    const answer = await this.#ask(
      { method: incoming.method, path: incoming.url, headers: this.#headersFor(incoming, record.path) },
      outgoing,
      HAS_BODY.has(incoming.method) ? incoming : undefined,
    );
    record.status = answer.statusCode;
    record.coding = answer.headers['content-encoding'];
    if (record.coding !== undefined) record.contentBytes = await this.#identityLength(incoming);
    const at = (place) =>
      typeof place === 'function' ? place(Number(answer.headers['content-length'])) : place;
    const cutAfter = at(fault?.cutAfter);
    record.damageAt = at(fault?.damageAt);
    outgoing.writeHead(
      answer.statusCode,
      answer.statusMessage,
      this.#changed(answer.rawHeaders, record.path),
    );
    if (await this.#copy(answer, outgoing, record, cutAfter)) outgoing.end();
    else outgoing.socket.destroy();
  }

  /** Asks the server whose turn it is; the request ends with `outgoing`, if there is one. */
  async #ask(options, outgoing, body) {
    for (let left = this.#targetPorts.length; ; left -= 1) {
      const port = this.#targetPorts[this.#turn++ % this.#targetPorts.length];
      const upstream = request({ host: HOST, port, agent: false, ...options });
      outgoing?.once('close', () => upstream.destroy());
      const answered = once(upstream, 'response');
      upstream.on('error', () => undefined); // Met where the answer, or its body, is awaited.
      if (body) body.pipe(upstream);
      else upstream.end();
      try {
        const [answer] = await answered;
        return answer;
      } catch (error) {
        // What was sent of a body is gone.
        if (left === 1 || body || outgoing?.destroyed) throw error;
      }
    }
  }

  /** How long a coded answer is once it is decoded, which is what a client counts: the server knows. */
  async #identityLength({ url }) {
    const headers = { 'Accept-Encoding': 'identity' };
    const answer = await this.#ask({ method: 'HEAD', path: url, headers });
    answer.resume();
    return Number(answer.headers['content-length']);
  }

  /** Whether the body arrived whole: false when it was cut on purpose. */
  async #copy(answer, outgoing, record, cutAfter) {
    for await (const chunk of answer) {
      for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
        const slice = chunk.subarray(start, start + SLICE_BYTES);
        this.#damage(slice, record);
        const left = cutAfter === undefined ? slice.length : cutAfter - record.bytes;
        await this.#send(outgoing, record, slice.subarray(0, left));
        if (left < slice.length) {
          record.cut = true;
          return false;
        }
      }
    }
    record.complete = true;
    return true;
  }

  /** A resume with the ETag of before is no longer one of this representation. */
  #headersFor({ rawHeaders, headers }, path) {
    const etag = this.#etagOf(path);
    if (etag === undefined || headers['if-range'] === undefined || headers['if-range'] === etag)
      return rawHeaders;
    return withoutHeaders(rawHeaders, ['range', 'if-range']);
  }

  #changed(rawHeaders, path) {
    const etag = this.#etagOf(path);
    return etag === undefined ? rawHeaders : [...withoutHeaders(rawHeaders, ['etag']), 'ETag', etag];
  }

  #etagOf(path) {
    return this.#etags.find(({ matches }) => matches(path))?.etag;
  }

  #damage(slice, record) {
    const at = record.damageAt === undefined ? -1 : record.damageAt - record.bytes;
    if (at >= 0 && at < slice.length) slice[at] ^= 0xff;
  }

  #takeFault(path) {
    const fault = this.#faults.find(({ matches }) => matches(path));
    if (!fault) return undefined;
    fault.times -= 1;
    if (fault.times === 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    return fault;
  }

  /**
   * A slice counts when the kernel has taken it. A browser that went away is told of by the callback, or by `close` alone: what is
   * written after a socket was destroyed and before it has closed has its callback never called.
   */
  async #send(outgoing, record, slice) {
    await this.#pace.wait(slice.length);
    await new Promise((resolve, reject) => {
      const leave = () => reject(new Error('the browser closed the connection'));
      if (outgoing.destroyed) return leave();
      outgoing.once('close', leave);
      outgoing.write(slice, (error) => {
        outgoing.off('close', leave);
        if (error) reject(error);
        else resolve();
      });
    });
    record.bytes += slice.length;
  }
}

/** Of a list of names and values by turns. */
function withoutHeaders(rawHeaders, names) {
  return rawHeaders.filter((_, i) => !names.includes(rawHeaders[i - (i % 2)].toLowerCase()));
}

function refuse({ status, headers }, record, outgoing) {
  record.status = status;
  record.injected = true;
  outgoing.writeHead(status, { 'Content-Length': '0', 'Cache-Control': 'no-store', ...headers });
  outgoing.end();
}

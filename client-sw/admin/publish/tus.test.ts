import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Asked, Connection } from '../api/connection.ts';
import { ApiProblem, NoAnswer } from '../api/problem.ts';
import { type Sending, sendFile } from './tus.ts';

const MIB = 1024 * 1024;
const SHA256 = 'ab'.repeat(32);
const FILE = new Blob([new Uint8Array(20 * MIB)]);
const missing = { sha256: SHA256, size: FILE.size };

/** A server of one upload, which breaks once when told to. */
class Server {
  offset: number | undefined;
  readonly log: string[] = [];
  breaks: ((method: string, apply: () => Response) => Response) | undefined;

  async ask(address: string, asked: Asked = {}): Promise<Response> {
    const { method = 'GET' } = asked;
    this.log.push(`${method} ${asked.headers?.['upload-offset'] ?? ''}`.trim());
    const apply = (): Response => this.#answer(address, method, asked);
    const { breaks } = this;
    return breaks === undefined ? apply() : breaks(method, apply);
  }

  #answer(address: string, method: string, { headers = {}, body }: Asked): Response {
    if (method === 'POST') {
      expect(address).toBe('/api/uploads');
      expect(headers['upload-metadata']).toBe(`sha256 ${btoa(SHA256)}`);
      this.offset = 0;
      return answer(201, { location: '/api/uploads/1' });
    }
    if (this.offset === undefined) throw new ApiProblem(404, 'upload-not-found', 'Gone', 'It is gone.');
    if (method === 'PATCH') {
      if (Number(headers['upload-offset']) !== this.offset)
        throw new ApiProblem(409, 'upload-offset', 'Elsewhere', 'Ask with HEAD.');
      this.offset += (body as Blob).size;
    }
    return answer(204, { 'upload-offset': String(this.offset) });
  }
}

function answer(status: number, headers: Record<string, string>): Response {
  return new Response(null, { status, headers });
}

function once(method: string, what: (apply: () => Response) => Response): Server['breaks'] {
  let times = 1;
  return (asked, apply) => (asked === method && times-- > 0 ? what(apply) : apply());
}

function sendingTo(server: Server, signal = new AbortController().signal) {
  let bytes = 0;
  const reasons: (string | undefined)[] = [];
  const sending: Sending = {
    connection: server as unknown as Connection,
    signal,
    progress: (more) => {
      bytes += more;
    },
    waiting: (reason) => reasons.push(reason),
  };
  return { sending, reasons, bytes: () => bytes };
}

describe('sending a file by tus', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('addEventListener', () => {});
    vi.stubGlobal('removeEventListener', () => {});
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  async function send(server: Server, upload?: { href: string; offset: number }) {
    const { sending, ...seen } = sendingTo(server);
    const sent = sendFile(FILE, upload === undefined ? missing : { ...missing, upload }, sending);
    // Met below, after the timers.
    sent.catch(() => {});
    await vi.runAllTimersAsync();
    await sent;
    return seen;
  }

  it('goes in pieces, each behind the last', async () => {
    const server = new Server();
    const { bytes, reasons } = await send(server);
    expect(server.log).toEqual(['POST', `PATCH 0`, `PATCH ${8 * MIB}`, `PATCH ${16 * MIB}`]);
    expect([server.offset, bytes()]).toEqual([FILE.size, FILE.size]);
    expect(reasons.every((reason) => reason === undefined)).toBe(true);
  });

  it('goes on from where an upload is', async () => {
    const server = new Server();
    server.offset = 15 * MIB;
    const { bytes } = await send(server, { href: '/api/uploads/1', offset: 15 * MIB });
    expect(server.log).toEqual([`PATCH ${15 * MIB}`]);
    expect(bytes()).toBe(5 * MIB);
  });

  it('asks where the server is when an answer was lost, and sends nothing twice', async () => {
    const server = new Server();
    server.breaks = once('PATCH', (apply) => {
      apply();
      throw new NoAnswer(new TypeError('Failed to fetch'));
    });
    const { bytes, reasons } = await send(server);
    expect(server.log).toEqual(['POST', 'PATCH 0', 'HEAD', `PATCH ${8 * MIB}`, `PATCH ${16 * MIB}`]);
    expect(bytes()).toBe(FILE.size);
    expect(reasons).toContainEqual(expect.stringContaining('does not answer'));
  });

  it('finishes an upload whose last answer was lost', async () => {
    const server = new Server();
    server.offset = FILE.size;
    await send(server, { href: '/api/uploads/1', offset: FILE.size });
    expect(server.log).toEqual(['HEAD']);
  });

  it('makes another upload when the first is gone', async () => {
    const server = new Server();
    const { bytes } = await send(server, { href: '/api/uploads/1', offset: 8 * MIB });
    expect(server.log.slice(0, 4)).toEqual([`PATCH ${8 * MIB}`, 'HEAD', 'POST', 'PATCH 0']);
    // What was thought to be there and is not counts backwards.
    expect(bytes()).toBe(FILE.size - 8 * MIB);
  });

  it('waits as long as the server asks', async () => {
    const server = new Server();
    server.breaks = once('PATCH', () => {
      throw new ApiProblem(429, 'rate-limited', 'Slow', 'Too often.', {}, 7000);
    });
    const { sending } = sendingTo(server);
    const sent = sendFile(FILE, missing, sending);
    await vi.advanceTimersByTimeAsync(6999);
    expect(server.log).toEqual(['POST', 'PATCH 0']);
    await vi.runAllTimersAsync();
    await sent;
    expect(server.offset).toBe(FILE.size);
  });

  it('gives up on what does not pass', async () => {
    const server = new Server();
    server.breaks = once('PATCH', () => {
      throw new ApiProblem(
        422,
        'wrong-digest',
        'Other bytes',
        'The bytes are not what they were said to be.',
      );
    });
    await expect(send(server)).rejects.toThrow('not what they were said to be');
    expect(server.log).toEqual(['POST', 'PATCH 0']);
  });

  it('gives up on a server that refuses for ever', async () => {
    const server = new Server();
    server.breaks = (method, apply) => {
      if (method !== 'PATCH') return apply();
      throw new ApiProblem(423, 'locked', 'Locked', 'Somebody else appends.');
    };
    await expect(send(server)).rejects.toThrow('Somebody else appends.');
  });

  it('stops when it is told to, also while it waits', async () => {
    const server = new Server();
    server.breaks = () => {
      throw new NoAnswer(new TypeError('Failed to fetch'));
    };
    const stopping = new AbortController();
    const { sending } = sendingTo(server, stopping.signal);
    const sent = sendFile(FILE, missing, sending);
    sent.catch(() => {});
    await vi.advanceTimersByTimeAsync(100_000);
    stopping.abort(new DOMException('Stopped.', 'AbortError'));
    await expect(sent).rejects.toThrow('Stopped.');
    const { length } = server.log;
    await vi.runAllTimersAsync();
    expect(server.log).toHaveLength(length);
  });
});

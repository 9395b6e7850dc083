import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Asked, Connection } from '../api/connection.ts';
import { ApiProblem, readProblem } from '../api/problem.ts';
import type { Folder, FolderFile } from './folder.ts';
import { PublishSession } from './publish-session.ts';

// The worker is the browser's; what it computes is tested by itself.
vi.mock('./hash-files.ts', () => ({
  hashFiles: async (files: readonly FolderFile[], progress: (bytes: number) => void) =>
    files.map((one) => {
      progress(one.file.size);
      return { ...one, sha256: digestOf(one.path) };
    }),
}));

const digestOf = (path: string): string => path.length.toString(16).padStart(64, '0');
const fileOf = (path: string, size: number): FolderFile => ({
  path,
  file: new File([new Uint8Array(size)], path),
});

const folder: Folder = {
  name: 'course',
  files: [fileOf('a.mp3', 100), fileOf('bb.mp3', 50)],
  tagFile: new File(['title = "A"'], 'tag.toml'),
  bytes: 150,
};

/** Answers publications from a list, and takes whatever is sent. */
function connectionOf(publications: readonly (() => Response)[]) {
  const left = [...publications];
  const asked: { address: string; body: unknown }[] = [];
  const ask = async (
    address: string,
    { method = 'GET', headers = {}, body }: Asked = {},
  ): Promise<Response> => {
    asked.push({ address, body });
    if (address.endsWith('/publications')) return (left.shift() as () => Response)();
    if (method === 'POST')
      return new Response(null, { status: 201, headers: { location: '/api/uploads/1' } });
    const offset = Number(headers['upload-offset']) + (body as Blob).size;
    return new Response(null, { status: 204, headers: { 'upload-offset': String(offset) } });
  };
  return { connection: { ask } as unknown as Connection, asked };
}

const json = (status: number, document: unknown) => () => Response.json(document, { status });
const done = json(201, { changed: true, release: 2 });
const needs = (path: string, size: number) => ({ sha256: digestOf(path), size });

describe('a publish', () => {
  beforeEach(() => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
    vi.stubGlobal('addEventListener', () => {});
    vi.stubGlobal('removeEventListener', () => {});
  });
  afterEach(() => vi.unstubAllGlobals());

  async function publish(
    publications: readonly (() => Response)[],
    ended: (cause: unknown) => boolean = () => false,
  ) {
    const { connection, asked } = connectionOf(publications);
    const session = new PublishSession(connection, ended);
    const steps: string[] = [];
    session.subscribe(() => {
      if (steps.at(-1) !== session.state.step) steps.push(session.state.step);
    });
    await session.start(folder, 'a');
    return { session, steps, asked };
  }

  it('reads, asks, sends what is missing and nothing else, and asks again', async () => {
    const missing = json(202, { missing: [needs('bb.mp3', 50)] });
    const { session, steps, asked } = await publish([missing, done]);
    expect(steps).toEqual(['reading', 'asking', 'sending', 'making', 'done']);
    expect(session.state).toEqual({ step: 'done', release: 2, isNew: true, bytesSent: 50 });
    const [first] = asked;
    expect(first?.address).toBe('/api/tags/a/publications');
    expect(JSON.parse(first?.body as string)).toEqual({
      files: [
        { path: 'a.mp3', size: 100, sha256: digestOf('a.mp3') },
        { path: 'bb.mp3', size: 50, sha256: digestOf('bb.mp3') },
      ],
      tagToml: 'title = "A"',
    });
    expect(localStorage.getItem('stowaway-console-unfinished')).toBeNull();
  });

  it('is remembered until it is done', async () => {
    const { session } = await publish([() => raise(readProblem(403, '{"detail":"No."}'))]);
    expect(session.state).toMatchObject({ step: 'failed', text: 'No.' });
    expect(JSON.parse(localStorage.getItem('stowaway-console-unfinished') as string)).toEqual({
      tag: 'a',
      folder: 'course',
      files: 2,
      bytes: 150,
    });
  });

  it('names the files that a problem is about', async () => {
    const problem = new ApiProblem(422, 'layout', 'Rules', 'a.mp3 is damaged: write it again.');
    const { session } = await publish([() => raise(problem)]);
    expect(session.state).toMatchObject({ step: 'failed', title: 'Rules', files: ['a.mp3'] });
  });

  it('ends the session where the token does', async () => {
    const ended = vi.fn(() => true);
    const problem = new ApiProblem(401, 'token-expired', 'Expired', 'Make another.');
    await publish([() => raise(problem)], ended);
    expect(ended).toHaveBeenCalledWith(problem);
  });

  it('does not send for ever what is never taken', async () => {
    const missing = json(202, { missing: [needs('bb.mp3', 50)] });
    const { session, asked } = await publish(Array.from({ length: 4 }, () => missing));
    expect(session.state).toMatchObject({ step: 'failed', text: expect.stringContaining('again and again') });
    expect(asked.filter(({ address }) => address.endsWith('/publications'))).toHaveLength(4);
  });

  it('finds that nothing changed', async () => {
    const { session } = await publish([json(200, { changed: false, release: 1 })]);
    expect(session.state).toEqual({ step: 'done', release: 1, isNew: false, bytesSent: 0 });
  });
});

function raise(cause: Error): never {
  throw cause;
}

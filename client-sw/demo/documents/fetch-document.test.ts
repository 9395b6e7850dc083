import { describe, expect, it } from 'vitest';
import { fetchDocument } from './fetch-document.ts';

const answering =
  (body: string, init: ResponseInit): typeof fetch =>
  async () =>
    new Response(body, init);

describe('fetchDocument', () => {
  it('gives the parsed document', async () => {
    expect(await fetchDocument('/tags', answering('{"a":1}', { status: 200 }))).toEqual({
      document: { a: 1 },
      isKept: false,
    });
  });

  it('tells what the worker kept from what a cache on the way kept', async () => {
    const marked = (value: string) => answering('{}', { headers: { 'cache-status': value } });
    expect(await fetchDocument('/tags', marked('stowaway-worker; hit'))).toMatchObject({ isKept: true });
    expect(await fetchDocument('/tags', marked('edge; hit'))).toMatchObject({ isKept: false });
  });

  it('tells the detail of a problem document', async () => {
    const fetcher = answering('{"title":"Not found","detail":"No tag is called x."}', {
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
    });
    await expect(fetchDocument('/tags/x/manifest.json', fetcher)).rejects.toMatchObject({
      kind: 'refused',
      status: 404,
      message: 'No tag is called x.',
    });
  });

  it('names the status where there is no problem document', async () => {
    await expect(fetchDocument('/tags', answering('oops', { status: 500 }))).rejects.toMatchObject({
      kind: 'refused',
      message: 'The server answered 500 to /tags.',
    });
  });

  it("takes a gateway's 504 for a server out of reach", async () => {
    await expect(fetchDocument('/tags', answering('', { status: 504 }))).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });

  it('keeps the cause of a network failure', async () => {
    const cause = new TypeError('Failed to fetch');
    const fetcher: typeof fetch = async () => {
      throw cause;
    };
    await expect(fetchDocument('/tags', fetcher)).rejects.toMatchObject({ kind: 'unreachable', cause });
  });

  it('does not take a page of HTML for a document', async () => {
    await expect(fetchDocument('/tags', answering('<html>', { status: 200 }))).rejects.toMatchObject({
      kind: 'unreadable',
    });
  });
});

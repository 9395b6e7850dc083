import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sha256 } from './sha256.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The browser's own, which wants everything at once. */
async function expected(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
}

describe('SHA-256', () => {
  it('gives what FIPS 180-4 gives', () => {
    expect(new Sha256().hex()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(new Sha256().update(bytes('abc')).hex()).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    const million = new Sha256();
    for (let i = 0; i < 1000; i += 1) million.update(bytes('a'.repeat(1000)));
    expect(million.hex()).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
  });

  it('gives the same however the bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (chunks) => {
        const hash = new Sha256();
        for (const chunk of chunks) hash.update(chunk);
        expect(hash.hex()).toBe(await expected(concatenate(chunks)));
      }),
    );
  });

  it('is right around the ends of blocks', async () => {
    for (let length = 50; length < 140; length += 1) {
      const data = new Uint8Array(length).fill(length);
      expect(new Sha256().update(data).hex(), `${length} bytes`).toBe(await expected(data));
    }
  });
});

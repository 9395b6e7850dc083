// Hashes files away from the page, a bounded slice at a time.

import type { HashAnswer, HashRequest } from './hash-files.ts';
import { Sha256 } from './sha256.ts';

const SLICE_BYTES = 4 * 1024 * 1024;

self.addEventListener('message', async ({ data }: MessageEvent<HashRequest>) => {
  try {
    answer({ sha256: await hash(data.file) });
  } catch (cause) {
    answer({ error: cause instanceof Error ? cause.message : String(cause) });
  }
});

async function hash(file: File): Promise<string> {
  const digest = new Sha256();
  for (let at = 0; at < file.size; at += SLICE_BYTES) {
    const bytes = new Uint8Array(await file.slice(at, at + SLICE_BYTES).arrayBuffer());
    digest.update(bytes);
    answer({ bytes: bytes.length });
  }
  return digest.hex();
}

function answer(message: HashAnswer): void {
  self.postMessage(message);
}

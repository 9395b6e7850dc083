// SHA-256 (FIPS 180-4) of bytes as they come: `SubtleCrypto` wants all of them at once, and pages over plain HTTP do not have it. Pure.

const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes; those of square roots begin the state. */
const { roundConstants: K, initialState: INITIAL } = constants();

export class Sha256 {
  readonly #state = Int32Array.from(INITIAL);
  readonly #schedule = new Int32Array(BLOCK_BYTES);
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #blockBytes = 0;
  #totalBytes = 0;

  update(bytes: Uint8Array): this {
    this.#totalBytes += bytes.length;
    let at = 0;
    if (this.#blockBytes > 0) {
      at = Math.min(bytes.length, BLOCK_BYTES - this.#blockBytes);
      this.#block.set(bytes.subarray(0, at), this.#blockBytes);
      this.#blockBytes += at;
      if (this.#blockBytes < BLOCK_BYTES) return this;
      this.#compress(this.#block, 0);
      this.#blockBytes = 0;
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#compress(bytes, at);
    this.#block.set(bytes.subarray(at));
    this.#blockBytes = bytes.length - at;
    return this;
  }

  /** Ends it: 64 small hexadecimal digits. */
  hex(): string {
    const bits = BigInt(this.#totalBytes) * 8n;
    const unpadded = this.#blockBytes + 1 + LENGTH_BYTES;
    const zeros = (BLOCK_BYTES - (unpadded % BLOCK_BYTES)) % BLOCK_BYTES;
    const tail = new Uint8Array(1 + zeros + LENGTH_BYTES);
    tail[0] = 0x80;
    new DataView(tail.buffer).setBigUint64(1 + zeros, bits);
    this.update(tail);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #compress(bytes: Uint8Array, start: number): void {
    const w = this.#schedule;
    // Every index is in bounds: 64 bytes from `start`, 64 words, 8 of state.
    const at = (array: Int32Array | Uint8Array, index: number): number => array[index] as number;
    for (let i = 0; i < 16; i += 1) {
      const j = start + 4 * i;
      w[i] = (at(bytes, j) << 24) | (at(bytes, j + 1) << 16) | (at(bytes, j + 2) << 8) | at(bytes, j + 3);
    }
    for (let i = 16; i < 64; i += 1) {
      const x = at(w, i - 15);
      const y = at(w, i - 2);
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (at(w, i - 16) + s0 + at(w, i - 7) + s1) | 0;
    }
    const state = this.#state;
    let [a, b, c, d, e, f, g, h] = state as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(K, i) + at(w, i)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    const sums = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i += 1) state[i] = (at(state, i) + (sums[i] as number)) | 0;
  }
}

function constants(): { roundConstants: Int32Array; initialState: Int32Array } {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;
  return {
    roundConstants: Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    initialState: Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
  };
}

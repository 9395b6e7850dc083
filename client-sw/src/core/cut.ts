/** Cuts a body into pieces of given lengths, holding one piece in memory at a time. No network, no storage. */

/**
 * Yields each piece that arrives whole and ends early with a body that does; an error of the body comes through after
 * the pieces before it. A piece is good until the next is asked for: all are cut in the same room. The body is always released.
 *
 * @param onBytes told of each arrival, in bytes
 */
export async function* cutBody(
  body: ReadableStream<Uint8Array>,
  lengths: readonly number[],
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const reader = body.getReader();
  const room = new Uint8Array(Math.max(0, ...lengths));
  let chunk: Uint8Array = new Uint8Array(0);
  try {
    for (const length of lengths) {
      const piece = room.subarray(0, length);
      let filled = 0;
      while (filled < length) {
        if (chunk.length === 0) {
          const { done, value } = await reader.read();
          if (done) return;
          onBytes(value.length);
          chunk = value;
        }
        const taken = chunk.subarray(0, length - filled);
        piece.set(taken, filled);
        filled += taken.length;
        const rest = chunk.subarray(taken.length);
        if (rest.length === 0) giveUp(chunk);
        chunk = rest;
      }
      yield piece;
    }
    // Lets the connection end by itself instead of cutting it at its last byte.
    await reader.read();
  } finally {
    // A body that failed rejects here with the error that read() has already thrown.
    await reader.cancel().catch(() => undefined);
  }
}

/** Engines let tens of megabytes of such chunks lie before they tidy up; a chunk that is moved away goes at once. */
function giveUp({ buffer }: Uint8Array): void {
  (buffer as { transfer?(newLength: number): unknown }).transfer?.(0);
}

/** Counts the bytes of one running download and tells, not more often than people can see, how far it is. */
import type { Piece } from '../protocol/manifest.ts';
import { updateDownload } from '../storage/downloads.ts';
import { announceChange } from './change.ts';
import type { Environment } from './environment.ts';
import type { Inventory } from './inventory.ts';

const SHORTEST_INTERVAL_MS = 200;

export class Progress {
  readonly #environment: Environment;
  readonly #id: string;
  /** Piece → bytes of the selection that it covers: a piece that occurs twice counts twice. */
  readonly #coverage = new Map<string, number>();
  #stored: number;
  #inFlight = 0;
  /** Of a clock that never jumps. */
  #lastMs = Number.NEGATIVE_INFINITY;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(environment: Environment, id: string, inventory: Inventory, bytesStored: number) {
    this.#environment = environment;
    this.#id = id;
    this.#stored = bytesStored;
    for (const { hex } of inventory.assets) {
      for (const { sha256, length } of inventory.blobs.get(hex)?.pieces ?? []) {
        this.#coverage.set(sha256, (this.#coverage.get(sha256) ?? 0) + length);
      }
    }
    for (const sha256 of inventory.stored) this.#coverage.delete(sha256);
  }

  /** Bytes have arrived and are not stored yet (negative: they are lost). */
  receive(bytes: number): void {
    this.#inFlight += bytes;
    this.#tell();
  }

  /** A piece is stored. Tells whether it is news. */
  store(piece: Piece): boolean {
    const covered = this.#coverage.get(piece.sha256);
    this.#inFlight -= piece.length;
    if (covered === undefined) return false;
    this.#coverage.delete(piece.sha256);
    this.#stored += covered;
    this.#tell();
    return true;
  }

  /** Writes the count for good; for the end of a round. */
  async flush(): Promise<void> {
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.#tell();
    await this.#writing;
  }

  #tell(): void {
    const now = performance.now();
    if (now - this.#lastMs < SHORTEST_INTERVAL_MS) return;
    this.#lastMs = now;
    this.#writing = this.#writing.then(() => this.#write());
    // `flush` reports a failed write; until then it is not "unhandled".
    this.#writing.catch(() => undefined);
  }

  async #write(): Promise<void> {
    const before = this.#stored;
    const record = await updateDownload(this.#environment.db, this.#id, () => ({ bytesStored: before }));
    if (record) announceChange(this.#environment, record, this.#inFlight);
  }
}

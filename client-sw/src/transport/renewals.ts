/**
 * When a driver asks for fresh addresses: after a refusal, and after a silence that may be one, for without CORS headers
 * a 403 looks like no answer at all.
 */
import { findSelection } from '../core/assets.ts';
import type { Database } from '../storage/database.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { renewAddresses } from './renew-addresses.ts';
import type { RoundOutcome } from './round.ts';

export class Renewals {
  /** The fault for which the last round was repeated at once, with fresh addresses. */
  #repeated: 'forbidden' | 'network' | undefined;
  /** Fresh addresses have been met by silence since the last byte. */
  #silent = false;

  /**
   * True when the round is worth repeating at once. Addresses that are refused as soon as they are fresh are not renewed
   * again; those of a silence are, but there a wait comes before every further try.
   */
  async renew(
    db: Database,
    record: DownloadRecord,
    { error, progressed }: RoundOutcome,
    attempts: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const before = progressed ? undefined : this.#repeated;
    this.#repeated = undefined;
    if (progressed) this.#silent = false;
    const code = error?.code;
    if (code !== 'forbidden' && !(code === 'network' && attempts > 1 && isSigned(record))) return false;
    if (code === before || !(await renewAddresses(db, record, signal))) return false;
    if (code === 'network' && this.#silent) return false;
    this.#silent ||= code === 'network';
    this.#repeated = code;
    return true;
  }
}

export function isSigned({ manifest, selection }: DownloadRecord): boolean {
  return findSelection(manifest, selection).hrefs.some((href) => href.includes('?'));
}

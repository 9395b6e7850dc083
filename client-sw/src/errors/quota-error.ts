/** The download does not fit, or the browser ran out of room while it was stored. */
import { StowawayError } from './stowaway-error.ts';

export class QuotaError extends StowawayError {
  override readonly name = 'QuotaError';
  /** Bytes that the download needs while it runs, when that is known. */
  readonly needed: number | undefined;
  /** Bytes that the browser grants. */
  readonly available: number | undefined;

  constructor(needed?: number, available?: number, options?: ErrorOptions) {
    super(
      'quota-exceeded',
      needed === undefined
        ? 'The browser has no room left for this download. Free some space and try again.'
        : `This download needs ${needed} bytes of room and the browser has ${available}. Free some space and try again.`,
      options,
    );
    this.needed = needed;
    this.available = available;
  }
}

/** A manifest or a piece index does not say what it must. */
import { StowawayError } from './stowaway-error.ts';

export class ManifestError extends StowawayError {
  override readonly name = 'ManifestError';

  constructor(message: string, options?: ErrorOptions) {
    super('bad-manifest', message, options);
  }
}

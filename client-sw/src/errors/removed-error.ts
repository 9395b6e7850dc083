/** The download was removed, or was never there. */
import { StowawayError } from './stowaway-error.ts';

export class RemovedError extends StowawayError {
  override readonly name = 'RemovedError';

  constructor(id: string) {
    super('not-downloaded', `There is no download "${id}".`);
  }
}

/** IndexedDB refused an operation for a reason other than room. */
import { StowawayError } from './stowaway-error.ts';

export class StorageError extends StowawayError {
  override readonly name = 'StorageError';

  constructor(operation: string, options?: ErrorOptions) {
    super('storage', `The browser's storage refused to ${operation}.`, options);
  }
}

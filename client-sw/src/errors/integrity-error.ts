/** Bytes arrived whose digest or length is not the promised one. They were not stored. */
import { StowawayError } from './stowaway-error.ts';

export class IntegrityError extends StowawayError {
  override readonly name = 'IntegrityError';

  constructor(subject: string, options?: ErrorOptions) {
    super('damaged', `${subject} arrived damaged: its digest or length is not the promised one.`, options);
  }
}

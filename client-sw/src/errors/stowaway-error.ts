/** The base of everything this library throws: a stable `code` for programs, a message for people. */
import type { ErrorCode } from '../protocol/download.ts';

export class StowawayError extends Error {
  override readonly name: string = 'StowawayError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

// The one way in which reading a JSON document from the server fails.

/** `unreachable`: no answer came. `refused`: the server answered with an error. `unreadable`: the answer is not what it should be. */
export type DocumentErrorKind = 'unreachable' | 'refused' | 'unreadable';

export class DocumentError extends Error {
  override readonly name = 'DocumentError';

  constructor(
    readonly kind: DocumentErrorKind,
    message: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

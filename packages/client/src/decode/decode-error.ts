import { HTTPError } from '../errors.ts';

/** Content is not what its `content-encoding` says (urllib3). The connection it came on is not used again. */
export class DecodeError extends HTTPError {
  override readonly name = 'DecodeError';

  /** There was a response, so the origin has seen the request. */
  override readonly sent = 'always';

  /**
   * For the library, and for tests of code that catches errors.
   *
   * @param message - for a person.
   */
  constructor(message: string, options?: ErrorOptions) {
    super('decode_failed', message, options);
  }
}

import { type ErrorCode, HTTPError } from '../errors.ts';

/** What {@link IdentityError.code} may be. */
export type IdentityErrorCode = Extract<ErrorCode, `identity_${string}`>;

/**
 * Something about stored credentials; `code` says what:
 *
 * - `identity_not_found`, `identity_exists`: there is none of this name, or there is one already;
 * - `identity_unusable`: what is to be imported is no certificate and key, or cannot be used as such;
 * - `identity_key_mismatch`: the key belongs to another certificate;
 * - `identity_password_required`, `identity_password_wrong`;
 * - `identity_damaged`: what was stored has changed since, or was stored by another version;
 * - `identity_storage_unavailable`: the browser does not store it, or there is no browser.
 *
 * It never holds anything of a key or a password.
 */
export class IdentityError extends HTTPError {
  override readonly name = 'IdentityError';

  /** What happened. */
  declare readonly code: IdentityErrorCode;

  /**
   * For the library, and for tests of code that catches errors.
   *
   * @param code - what happened.
   * @param message - for a person.
   */
  constructor(code: IdentityErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

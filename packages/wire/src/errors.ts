import { PROTOCOL_VIOLATION } from './transport-error.ts';

/**
 * What every decoder of this package throws, and nothing else: the bytes break the format. `code` says how a session
 * that received them is closed.
 */
export class WireError extends Error {
  override readonly name: string = 'WireError';

  /** How a session that meets this error is closed: one of {@link TRANSPORT_ERRORS}. */
  readonly code: number;

  /** @param code - how the session is closed. @param message - subject first, then what was expected and what came. */
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The error for a rule of the protocol that is broken and has no code of its own. */
export function violation(message: string): WireError {
  return new WireError(PROTOCOL_VIOLATION, message);
}

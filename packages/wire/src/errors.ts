/**
 * Transport error codes a session may be closed with, by their RFC 9000 name. QMux keeps QUIC's registry.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9000#section-20.1 | RFC 9000 §20.1}
 */
export const TRANSPORT_ERRORS = {
  NO_ERROR: 0x00,
  INTERNAL_ERROR: 0x01,
  CONNECTION_REFUSED: 0x02,
  FLOW_CONTROL_ERROR: 0x03,
  STREAM_LIMIT_ERROR: 0x04,
  STREAM_STATE_ERROR: 0x05,
  FINAL_SIZE_ERROR: 0x06,
  FRAME_ENCODING_ERROR: 0x07,
  TRANSPORT_PARAMETER_ERROR: 0x08,
  PROTOCOL_VIOLATION: 0x0a,
  APPLICATION_ERROR: 0x0c,
} as const;

/** Name of a row of {@link TRANSPORT_ERRORS}. */
export type TransportErrorName = keyof typeof TRANSPORT_ERRORS;

/** Name of a transport error code received from the peer, or its number in hexadecimal when it has none. */
export function transportErrorName(code: number): string {
  for (const [name, value] of Object.entries(TRANSPORT_ERRORS)) if (value === code) return name;
  return `0x${code.toString(16)}`;
}

/**
 * What every decoder of this package throws, and nothing else: the bytes break the format. `code` says how a session
 * that received them is closed.
 */
export class WireError extends Error {
  override readonly name: string = 'WireError';

  /** How a session that meets this error is closed. */
  readonly code: TransportErrorName;

  /** @param code - how the session is closed. @param message - subject first, then what was expected and what came. */
  constructor(code: TransportErrorName, message: string) {
    super(message);
    this.code = code;
  }
}

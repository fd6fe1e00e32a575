/**
 * Transport error codes a session may be closed with, by their RFC 9000 name; `TRANSPORT_ERRORS` names them as a whole. QMux
 * keeps QUIC's registry.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9000#section-20.1 | RFC 9000 §20.1}
 * @module
 */

/** Nothing is wrong. */
export const NO_ERROR = 0x00;
/** This end cannot go on. */
export const INTERNAL_ERROR = 0x01;
/** The server takes no session. */
export const CONNECTION_REFUSED = 0x02;
/** More came than was allowed. */
export const FLOW_CONTROL_ERROR = 0x03;
/** A stream was opened that was not allowed. */
export const STREAM_LIMIT_ERROR = 0x04;
/** A frame came for a stream that is in no state for it. */
export const STREAM_STATE_ERROR = 0x05;
/** The final size of a stream changed. */
export const FINAL_SIZE_ERROR = 0x06;
/** A frame or record is malformed. */
export const FRAME_ENCODING_ERROR = 0x07;
/** The transport parameters are malformed or not allowed. */
export const TRANSPORT_PARAMETER_ERROR = 0x08;
/** A rule is broken that has no code of its own. */
export const PROTOCOL_VIOLATION = 0x0a;
/** The application closed the session, in a frame that cannot say why. */
export const APPLICATION_ERROR = 0x0c;

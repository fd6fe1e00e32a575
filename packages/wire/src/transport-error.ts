/**
 * Transport error codes a session may be closed with, by their RFC 9000 name; `TRANSPORT_ERRORS` names them as a whole. QMux
 * keeps QUIC's registry.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9000#section-20.1 | RFC 9000 §20.1}
 * @module
 */

export const NO_ERROR = 0x00;
export const INTERNAL_ERROR = 0x01;
export const CONNECTION_REFUSED = 0x02;
export const FLOW_CONTROL_ERROR = 0x03;
export const STREAM_LIMIT_ERROR = 0x04;
export const STREAM_STATE_ERROR = 0x05;
export const FINAL_SIZE_ERROR = 0x06;
export const FRAME_ENCODING_ERROR = 0x07;
export const TRANSPORT_PARAMETER_ERROR = 0x08;
export const PROTOCOL_VIOLATION = 0x0a;
export const APPLICATION_ERROR = 0x0c;

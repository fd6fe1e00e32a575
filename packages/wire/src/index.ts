/**
 * What hip's two ends must agree on: frames, streams and flow control (QMux), messages (RFC 9292), the `hip-1` control
 * and exchange layers, failures, limits. Bytes in, events and bytes out; no I/O.
 *
 * Internal to hip: `@hip/client` and `@hip/gateway` pin the exact version, and nothing here follows semver. Another
 * implementation should be written from PROTOCOL.md.
 *
 * @module
 */

// Bytes.
export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
// Control stream.
export { parseClientMessage } from './control/client-message.ts';
export { ControlDecoder, writeControlMessage } from './control/control-codec.ts';
export type {
  ClearMessage,
  ClientMessage,
  CloseMessage,
  ContextMessage,
  DrainMessage,
  FailureMessage,
  GatewayMessage,
  HelloMessage,
  ReadyMessage,
  ReleaseMessage,
  SettingsMessage,
} from './control/control-message.ts';
export { parseGatewayMessage } from './control/gateway-message.ts';
export type { PoolSettings, ProxySettings, TlsSettings } from './control/pool-settings.ts';
// Facts.
export { WireError } from './errors.ts';
// Exchanges.
export {
  ExchangeRequestDecoder,
  type ExchangeRequestHandler,
  writeExchangeRequest,
} from './exchange/exchange-request.ts';
export { writeExchangeFailure, writeExchangeResponse } from './exchange/exchange-response.ts';
export {
  ExchangeResponseDecoder,
  type ExchangeResponseHandler,
} from './exchange/exchange-response-decoder.ts';
export { type RequestOptions, UnknownOptionError } from './exchange/request-options.ts';
export type { ResponseMetadata } from './exchange/response-metadata.ts';
export { CONTROL_STREAM, EXCHANGE_STREAM, WEBSOCKET_STREAM } from './exchange/stream-kind.ts';
export {
  type ErrorClassName,
  FAILURES,
  type Failure,
  type FailureName,
  type FailureSpec,
  failureName,
} from './failure.ts';
export { FAILURE_MEANINGS, type FailureMeaning, failureText } from './failure-meaning.ts';
// Session.
export type { TransportParameters } from './frame/transport-parameters.ts';
export * as WIRE_LIMITS from './limits.ts';
// Alone: of a module exported as one name, a bundler keeps every name.
export { maxStreams } from './limits.ts';
// Messages.
export { checkFieldLines, type FieldLines } from './message/field-lines.ts';
export {
  RequestDecoder,
  type RequestHandler,
  ResponseDecoder,
  type ResponseHandler,
} from './message/message-decoder.ts';
export {
  writeContentChunk,
  writeEnd,
  writeRequestEnd,
  writeRequestHead,
  writeResponseFraming,
  writeResponseHead,
} from './message/message-encoder.ts';
export { MessageError } from './message/message-error.ts';
export type { MessageLimits } from './message/message-limits.ts';
export type { RequestHead } from './message/request-head.ts';
export type { ResponseHead } from './message/response-head.ts';
export type { Perspective } from './perspective.ts';
export { PeerStreams } from './session/peer-streams.ts';
export { Session } from './session/session.ts';
export type { SessionHandler, SessionOptions } from './session/session-handler.ts';
export { clientParameters, gatewayParameters } from './session/session-parameters.ts';
export type { SessionClose, Stream, StreamHandler } from './session/stream.ts';
export * as TRANSPORT_ERRORS from './transport-error.ts';
export { PROTOCOL_VIOLATION, STREAM_LIMIT_ERROR } from './transport-error.ts';
export { decodeUtf8, encodeUtf8 } from './utf8.ts';
export { MAX_VARINT, varintLength } from './varint.ts';
export { PROTOCOL_VERSION, SUBPROTOCOL } from './version.ts';
// WebSockets.
export {
  type CloseStatus,
  closePayload,
  MAX_CLOSE_BYTES,
  readClosePayload,
} from './websocket/close-status.ts';
export {
  BINARY,
  type MessageOpcode,
  TEXT,
  writeClosePart,
  writeFailurePart,
  writePartHead,
} from './websocket/message-part.ts';
export type { MessagePartHandler } from './websocket/message-part-decoder.ts';
export type { WebSocketOptions } from './websocket/websocket-options.ts';
export {
  WebSocketRequestDecoder,
  type WebSocketRequestHandler,
  writeWebSocketRequest,
} from './websocket/websocket-request.ts';
export {
  WebSocketResponseDecoder,
  type WebSocketResponseHandler,
  writeWebSocketResponse,
} from './websocket/websocket-response.ts';

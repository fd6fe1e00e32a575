/**
 * Name of the error class a client raises for a failure. urllib3's names where urllib3 has one.
 */
export type ErrorClassName =
  | 'AuthenticationError'
  | 'ClosedPoolError'
  | 'ConnectTimeoutError'
  | 'EgressDeniedError'
  | 'EmptyPoolError'
  | 'FullPoolError'
  | 'IncompleteRead'
  | 'InvalidRequestError'
  | 'NameResolutionError'
  | 'NewConnectionError'
  | 'ProtocolError'
  | 'ProxyError'
  | 'ReadTimeoutError'
  | 'SSLError'
  | 'SessionError';

/** One row of {@link FAILURES}. */
export interface FailureSpec {
  /** Number on the wire: in a failure, in RESET_STREAM, in STOP_SENDING and in an application CONNECTION_CLOSE. */
  readonly code: number;

  /** Class the client raises. */
  readonly errorClass: ErrorClassName;

  /** Could the origin have seen the request? Decides, alone, whether a request may be sent again. */
  readonly sent: 'never' | 'maybe' | 'always';
}

/**
 * Everything that can go wrong between the two ends, once. Codes are grouped by where it happened: 0x1xx session,
 * 0x2xx policy, 0x3xx pool, 0x4xx connect, 0x5xx TLS, 0x6xx HTTP, 0x7xx proxy. What a row means in words, and in RFC 9209, stands in
 * {@link FAILURE_MEANINGS}, which clients do not carry.
 */
export const FAILURES = {
  cancelled: { code: 0x100, errorClass: 'ProtocolError', sent: 'maybe' },
  unauthenticated: { code: 0x101, errorClass: 'AuthenticationError', sent: 'never' },
  hello_timeout: { code: 0x102, errorClass: 'AuthenticationError', sent: 'never' },
  unknown_context: { code: 0x103, errorClass: 'InvalidRequestError', sent: 'never' },
  malformed_control: { code: 0x104, errorClass: 'SessionError', sent: 'never' },
  malformed_exchange: { code: 0x105, errorClass: 'InvalidRequestError', sent: 'never' },
  unsupported_option: { code: 0x106, errorClass: 'InvalidRequestError', sent: 'never' },
  unsupported_stream: { code: 0x107, errorClass: 'InvalidRequestError', sent: 'never' },
  draining: { code: 0x108, errorClass: 'SessionError', sent: 'never' },
  session_limit: { code: 0x109, errorClass: 'SessionError', sent: 'never' },
  internal_error: { code: 0x10a, errorClass: 'ProtocolError', sent: 'maybe' },
  session_lost: { code: 0x10b, errorClass: 'SessionError', sent: 'maybe' },
  malformed_answer: { code: 0x10d, errorClass: 'ProtocolError', sent: 'always' },
  session_unavailable: { code: 0x10c, errorClass: 'SessionError', sent: 'never' },
  destination_prohibited: { code: 0x201, errorClass: 'EgressDeniedError', sent: 'never' },
  request_denied: { code: 0x202, errorClass: 'EgressDeniedError', sent: 'never' },
  pool_timeout: { code: 0x301, errorClass: 'EmptyPoolError', sent: 'never' },
  pool_full: { code: 0x302, errorClass: 'FullPoolError', sent: 'never' },
  pool_closed: { code: 0x303, errorClass: 'ClosedPoolError', sent: 'never' },
  dns_error: { code: 0x401, errorClass: 'NameResolutionError', sent: 'never' },
  connection_refused: { code: 0x402, errorClass: 'NewConnectionError', sent: 'never' },
  connection_timeout: { code: 0x403, errorClass: 'ConnectTimeoutError', sent: 'never' },
  destination_unroutable: { code: 0x404, errorClass: 'NewConnectionError', sent: 'never' },
  connection_failed: { code: 0x405, errorClass: 'NewConnectionError', sent: 'never' },
  tls_protocol_error: { code: 0x501, errorClass: 'SSLError', sent: 'never' },
  tls_certificate_error: { code: 0x502, errorClass: 'SSLError', sent: 'never' },
  tls_alert_received: { code: 0x503, errorClass: 'SSLError', sent: 'maybe' },
  tls_configuration_error: { code: 0x504, errorClass: 'SSLError', sent: 'never' },
  connection_terminated_unsent: { code: 0x601, errorClass: 'ProtocolError', sent: 'never' },
  connection_terminated: { code: 0x602, errorClass: 'ProtocolError', sent: 'maybe' },
  connection_read_timeout: { code: 0x603, errorClass: 'ReadTimeoutError', sent: 'maybe' },
  connection_write_timeout: { code: 0x604, errorClass: 'ReadTimeoutError', sent: 'maybe' },
  http_protocol_error: { code: 0x605, errorClass: 'ProtocolError', sent: 'maybe' },
  http_response_incomplete: { code: 0x606, errorClass: 'IncompleteRead', sent: 'always' },
  response_read_timeout: { code: 0x607, errorClass: 'ReadTimeoutError', sent: 'always' },
  response_head_too_large: { code: 0x608, errorClass: 'ProtocolError', sent: 'always' },
  http_request_error: { code: 0x609, errorClass: 'InvalidRequestError', sent: 'never' },
  request_head_too_large: { code: 0x60a, errorClass: 'InvalidRequestError', sent: 'never' },
  request_incomplete: { code: 0x60b, errorClass: 'ProtocolError', sent: 'maybe' },
  http_upgrade_failed: { code: 0x60c, errorClass: 'ProtocolError', sent: 'always' },
  websocket_failed: { code: 0x60d, errorClass: 'ProtocolError', sent: 'always' },
  proxy_connection_failed: { code: 0x701, errorClass: 'ProxyError', sent: 'never' },
  proxy_connection_timeout: { code: 0x702, errorClass: 'ProxyError', sent: 'never' },
  proxy_tls_error: { code: 0x703, errorClass: 'ProxyError', sent: 'never' },
  proxy_tunnel_refused: { code: 0x704, errorClass: 'ProxyError', sent: 'never' },
  proxy_response_too_large: { code: 0x705, errorClass: 'ProtocolError', sent: 'never' },
  socks_error: { code: 0x706, errorClass: 'NewConnectionError', sent: 'never' },
} as const satisfies Record<string, FailureSpec>;

/** Name of a row of {@link FAILURES}. */
export type FailureName = keyof typeof FAILURES;

/** A failure as it happened: the row, and what the single case adds. */
export interface Failure {
  /** Row of {@link FAILURES}. */
  readonly name: FailureName;

  /** What happened this time, for a person. Carries no address that the client did not name, and no secret. */
  readonly detail: string;
}

/** The row with this code, or `internal_error` for a code of a newer peer. */
export function failureName(code: number): FailureName {
  const names = Object.keys(FAILURES) as FailureName[];
  return names.find((name) => FAILURES[name].code === code) ?? 'internal_error';
}

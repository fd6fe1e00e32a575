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
  | 'ReadTimeoutError'
  | 'SSLError'
  | 'SessionError';

/** One row of {@link FAILURES}. */
export interface FailureSpec {
  /** Number on the wire: in a failure, in RESET_STREAM, in STOP_SENDING and in an application CONNECTION_CLOSE. */
  readonly code: number;

  /** Proxy error type of RFC 9209 §2.3 that comes nearest. */
  readonly proxyError: string;

  /** Class the client raises. */
  readonly errorClass: ErrorClassName;

  /** Could the origin have seen the request? Decides, alone, whether a request may be sent again. */
  readonly sent: 'never' | 'maybe' | 'always';

  /** What happened, in words for a person; the detail of the single case follows it. */
  readonly text: string;
}

/**
 * Everything that can go wrong between the two ends, once. Codes are grouped by where it happened: 0x1xx session,
 * 0x2xx policy, 0x3xx pool, 0x4xx connect, 0x5xx TLS, 0x6xx HTTP.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9209#section-2.3 | RFC 9209 §2.3}
 */
export const FAILURES = {
  cancelled: {
    code: 0x100,
    proxyError: 'http_request_error',
    errorClass: 'ProtocolError',
    sent: 'maybe',
    text: 'the exchange was cancelled',
  },
  unauthenticated: {
    code: 0x101,
    proxyError: 'http_request_denied',
    errorClass: 'AuthenticationError',
    sent: 'never',
    text: 'the gateway did not accept the token',
  },
  hello_timeout: {
    code: 0x102,
    proxyError: 'http_request_denied',
    errorClass: 'AuthenticationError',
    sent: 'never',
    text: 'the session was not authenticated in time',
  },
  unknown_context: {
    code: 0x103,
    proxyError: 'http_request_error',
    errorClass: 'InvalidRequestError',
    sent: 'never',
    text: 'the exchange names a manager context that the session never declared',
  },
  malformed_control: {
    code: 0x104,
    proxyError: 'http_request_error',
    errorClass: 'SessionError',
    sent: 'never',
    text: 'a control message breaks the protocol',
  },
  malformed_exchange: {
    code: 0x105,
    proxyError: 'http_request_error',
    errorClass: 'InvalidRequestError',
    sent: 'never',
    text: 'the exchange breaks the protocol',
  },
  unsupported_option: {
    code: 0x106,
    proxyError: 'http_request_error',
    errorClass: 'InvalidRequestError',
    sent: 'never',
    text: 'the gateway does not know an option of the request and ignores none',
  },
  unsupported_stream: {
    code: 0x107,
    proxyError: 'http_request_error',
    errorClass: 'InvalidRequestError',
    sent: 'never',
    text: 'the gateway does not serve this kind of stream',
  },
  draining: {
    code: 0x108,
    proxyError: 'proxy_internal_response',
    errorClass: 'SessionError',
    sent: 'never',
    text: 'the gateway is going away and takes no new exchanges',
  },
  session_limit: {
    code: 0x109,
    proxyError: 'connection_limit_reached',
    errorClass: 'SessionError',
    sent: 'never',
    text: 'the gateway holds as many sessions as it may',
  },
  internal_error: {
    code: 0x10a,
    proxyError: 'proxy_internal_error',
    errorClass: 'ProtocolError',
    sent: 'maybe',
    text: 'the gateway failed',
  },
  session_lost: {
    code: 0x10b,
    proxyError: 'proxy_internal_error',
    errorClass: 'SessionError',
    sent: 'maybe',
    text: 'the session ended before the response was complete',
  },
  session_unavailable: {
    code: 0x10c,
    proxyError: 'proxy_internal_error',
    errorClass: 'SessionError',
    sent: 'never',
    text: 'no session with the gateway could be opened',
  },
  destination_prohibited: {
    code: 0x201,
    proxyError: 'destination_ip_prohibited',
    errorClass: 'EgressDeniedError',
    sent: 'never',
    text: 'the gateway may not connect to this destination',
  },
  request_denied: {
    code: 0x202,
    proxyError: 'http_request_denied',
    errorClass: 'EgressDeniedError',
    sent: 'never',
    text: 'the gateway may not send this request',
  },
  pool_timeout: {
    code: 0x301,
    proxyError: 'connection_limit_reached',
    errorClass: 'EmptyPoolError',
    sent: 'never',
    text: "Pool is empty and a new connection can't be opened due to blocking mode.",
  },
  pool_full: {
    code: 0x302,
    proxyError: 'connection_limit_reached',
    errorClass: 'FullPoolError',
    sent: 'never',
    text: 'Pool reached maximum size and no more connections are allowed.',
  },
  pool_closed: {
    code: 0x303,
    proxyError: 'connection_limit_reached',
    errorClass: 'ClosedPoolError',
    sent: 'never',
    text: 'Pool is closed.',
  },
  dns_error: {
    code: 0x401,
    proxyError: 'dns_error',
    errorClass: 'NameResolutionError',
    sent: 'never',
    text: 'the name of the origin could not be resolved',
  },
  connection_refused: {
    code: 0x402,
    proxyError: 'connection_refused',
    errorClass: 'NewConnectionError',
    sent: 'never',
    text: 'the origin refused the connection',
  },
  connection_timeout: {
    code: 0x403,
    proxyError: 'connection_timeout',
    errorClass: 'ConnectTimeoutError',
    sent: 'never',
    text: 'the connection to the origin timed out',
  },
  destination_unroutable: {
    code: 0x404,
    proxyError: 'destination_ip_unroutable',
    errorClass: 'NewConnectionError',
    sent: 'never',
    text: 'the origin cannot be reached',
  },
  connection_failed: {
    code: 0x405,
    proxyError: 'destination_unavailable',
    errorClass: 'NewConnectionError',
    sent: 'never',
    text: 'a connection to the origin could not be established',
  },
  tls_protocol_error: {
    code: 0x501,
    proxyError: 'tls_protocol_error',
    errorClass: 'SSLError',
    sent: 'never',
    text: 'the TLS handshake with the origin failed',
  },
  tls_certificate_error: {
    code: 0x502,
    proxyError: 'tls_certificate_error',
    errorClass: 'SSLError',
    sent: 'never',
    text: "the origin's certificate was not accepted",
  },
  tls_alert_received: {
    code: 0x503,
    proxyError: 'tls_alert_received',
    errorClass: 'SSLError',
    sent: 'maybe',
    text: 'the origin ended TLS with an alert',
  },
  connection_terminated_unsent: {
    code: 0x601,
    proxyError: 'connection_terminated',
    errorClass: 'ProtocolError',
    sent: 'never',
    text: 'the connection to the origin ended before the request was written',
  },
  connection_terminated: {
    code: 0x602,
    proxyError: 'connection_terminated',
    errorClass: 'ProtocolError',
    sent: 'maybe',
    text: 'the connection to the origin ended before a response came',
  },
  connection_read_timeout: {
    code: 0x603,
    proxyError: 'connection_read_timeout',
    errorClass: 'ReadTimeoutError',
    sent: 'maybe',
    text: 'Read timed out.',
  },
  connection_write_timeout: {
    code: 0x604,
    proxyError: 'connection_write_timeout',
    errorClass: 'ReadTimeoutError',
    sent: 'maybe',
    text: 'the origin did not take the request in time',
  },
  http_protocol_error: {
    code: 0x605,
    proxyError: 'http_protocol_error',
    errorClass: 'ProtocolError',
    sent: 'maybe',
    text: "the origin's response is not HTTP",
  },
  http_response_incomplete: {
    code: 0x606,
    proxyError: 'http_response_incomplete',
    errorClass: 'IncompleteRead',
    sent: 'always',
    text: 'the response ended before it was complete',
  },
  response_read_timeout: {
    code: 0x607,
    proxyError: 'http_response_timeout',
    errorClass: 'ReadTimeoutError',
    sent: 'always',
    text: 'Read timed out inside the response.',
  },
  response_head_too_large: {
    code: 0x608,
    proxyError: 'http_response_header_section_size',
    errorClass: 'ProtocolError',
    sent: 'always',
    text: "the response's header section is larger than allowed",
  },
  http_request_error: {
    code: 0x609,
    proxyError: 'http_request_error',
    errorClass: 'InvalidRequestError',
    sent: 'never',
    text: 'the request is malformed',
  },
  request_head_too_large: {
    code: 0x60a,
    proxyError: 'http_request_error',
    errorClass: 'InvalidRequestError',
    sent: 'never',
    text: "the request's header section is larger than allowed",
  },
  request_incomplete: {
    code: 0x60b,
    proxyError: 'http_request_error',
    errorClass: 'ProtocolError',
    sent: 'maybe',
    text: 'the request body ended before it was complete',
  },
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

const NAME_BY_CODE: ReadonlyMap<number, FailureName> = new Map(
  (Object.keys(FAILURES) as FailureName[]).map((name) => [FAILURES[name].code, name]),
);

/** The row with this code, or `internal_error` for a code of a newer peer. */
export function failureName(code: number): FailureName {
  return NAME_BY_CODE.get(code) ?? 'internal_error';
}

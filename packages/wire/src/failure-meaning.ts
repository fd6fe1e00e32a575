import type { Failure, FailureName } from './failure.ts';

/** What a row of {@link FAILURES} means. */
export interface FailureMeaning {
  /** Proxy error type of RFC 9209 §2.3 that comes nearest. */
  readonly proxyError: string;

  /** What happened, in words for a person; the detail of the single case follows it. */
  readonly text: string;
}

/**
 * The meaning of every failure. The gateway tells it with each failure, so that a page need not load it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9209#section-2.3 | RFC 9209 §2.3}
 */
export const FAILURE_MEANINGS: Readonly<Record<FailureName, FailureMeaning>> = {
  cancelled: { proxyError: 'http_request_error', text: 'the exchange was cancelled' },
  unauthenticated: { proxyError: 'http_request_denied', text: 'the gateway did not accept the token' },
  hello_timeout: { proxyError: 'http_request_denied', text: 'the session was not authenticated in time' },
  unknown_context: {
    proxyError: 'http_request_error',
    text: 'the exchange names a manager context that the session never declared',
  },
  malformed_control: { proxyError: 'http_request_error', text: 'a control message breaks the protocol' },
  malformed_exchange: { proxyError: 'http_request_error', text: 'the exchange breaks the protocol' },
  unsupported_option: {
    proxyError: 'http_request_error',
    text: 'the gateway does not know an option of the request and ignores none',
  },
  unsupported_stream: {
    proxyError: 'http_request_error',
    text: 'the gateway does not serve this kind of stream',
  },
  draining: {
    proxyError: 'proxy_internal_response',
    text: 'the gateway is going away and takes no new exchanges',
  },
  session_limit: {
    proxyError: 'connection_limit_reached',
    text: 'the gateway holds as many sessions as it may',
  },
  internal_error: { proxyError: 'proxy_internal_error', text: 'the gateway failed' },
  session_lost: {
    proxyError: 'proxy_internal_error',
    text: 'the session ended before the response was complete',
  },
  malformed_answer: { proxyError: 'proxy_internal_error', text: "the gateway's answer breaks the protocol" },
  session_unavailable: {
    proxyError: 'proxy_internal_error',
    text: 'no session with the gateway could be opened',
  },
  destination_prohibited: {
    proxyError: 'destination_ip_prohibited',
    text: 'the gateway may not connect to this destination',
  },
  request_denied: { proxyError: 'http_request_denied', text: 'the gateway may not send this request' },
  pool_timeout: {
    proxyError: 'connection_limit_reached',
    text: "Pool is empty and a new connection can't be opened due to blocking mode.",
  },
  pool_full: {
    proxyError: 'connection_limit_reached',
    text: 'Pool reached maximum size and no more connections are allowed.',
  },
  pool_closed: { proxyError: 'connection_limit_reached', text: 'Pool is closed.' },
  dns_error: { proxyError: 'dns_error', text: 'the name of the origin could not be resolved' },
  connection_refused: { proxyError: 'connection_refused', text: 'the origin refused the connection' },
  connection_timeout: { proxyError: 'connection_timeout', text: 'the connection to the origin timed out' },
  destination_unroutable: { proxyError: 'destination_ip_unroutable', text: 'the origin cannot be reached' },
  connection_failed: {
    proxyError: 'destination_unavailable',
    text: 'a connection to the origin could not be established',
  },
  tls_protocol_error: { proxyError: 'tls_protocol_error', text: 'the TLS handshake with the origin failed' },
  tls_certificate_error: {
    proxyError: 'tls_certificate_error',
    text: "the origin's certificate was not accepted",
  },
  tls_alert_received: { proxyError: 'tls_alert_received', text: 'the origin ended TLS with an alert' },
  tls_configuration_error: { proxyError: 'tls_protocol_error', text: 'the TLS options cannot be used' },
  connection_terminated_unsent: {
    proxyError: 'connection_terminated',
    text: 'the connection to the origin ended before the request was written',
  },
  connection_terminated: {
    proxyError: 'connection_terminated',
    text: 'the connection to the origin ended before a response came',
  },
  connection_read_timeout: { proxyError: 'connection_read_timeout', text: 'Read timed out.' },
  connection_write_timeout: {
    proxyError: 'connection_write_timeout',
    text: 'the origin did not take the request in time',
  },
  http_protocol_error: { proxyError: 'http_protocol_error', text: "the origin's response is not HTTP" },
  http_response_incomplete: {
    proxyError: 'http_response_incomplete',
    text: 'the response ended before it was complete',
  },
  response_read_timeout: { proxyError: 'http_response_timeout', text: 'Read timed out inside the response.' },
  response_head_too_large: {
    proxyError: 'http_response_header_section_size',
    text: "the response's header section is larger than allowed",
  },
  http_request_error: { proxyError: 'http_request_error', text: 'the request is malformed' },
  request_head_too_large: {
    proxyError: 'http_request_error',
    text: "the request's header section is larger than allowed",
  },
  request_incomplete: {
    proxyError: 'http_request_error',
    text: 'the request body ended before it was complete',
  },
  http_upgrade_failed: { proxyError: 'http_upgrade_failed', text: 'the origin did not open the WebSocket' },
  websocket_failed: { proxyError: 'http_protocol_error', text: 'the WebSocket failed' },
  proxy_connection_failed: { proxyError: 'destination_unavailable', text: 'Unable to connect to proxy' },
  proxy_connection_timeout: {
    proxyError: 'connection_timeout',
    text: 'Unable to connect to proxy: it took too long',
  },
  proxy_tls_error: {
    proxyError: 'tls_protocol_error',
    text: 'Unable to connect to proxy: TLS with it failed',
  },
  proxy_tunnel_refused: { proxyError: 'destination_unavailable', text: 'Tunnel connection failed' },
  proxy_response_too_large: {
    proxyError: 'proxy_internal_error',
    text: "the proxy's answer to CONNECT is larger than allowed",
  },
  socks_error: {
    proxyError: 'destination_unavailable',
    text: 'Failed to establish a new connection through the SOCKS proxy',
  },
};

/** A failure in words: what the row means, then the detail of the case. */
export function failureText({ name, detail }: Failure): string {
  const { text } = FAILURE_MEANINGS[name];
  return detail === '' ? text : `${text}: ${detail}`;
}

/**
 * An HTTP client for places that cannot open sockets. Requests travel over a session to a hip gateway, which keeps
 * urllib3's pools of connections to the origins.
 *
 * @example
 * ```ts
 * const http = new PoolManager({ gateway: 'ws://127.0.0.1:8787/session', token: 'secret' });
 * const response = await http.fetch('http://127.0.0.1:8080/');
 * console.log(await response.text());
 * ```
 *
 * @module
 */
export { configure } from './configure.ts';
export * as DEFAULTS from './defaults.ts';
export {
  AuthenticationError,
  ClosedPoolError,
  ConnectTimeoutError,
  EgressDeniedError,
  EmptyPoolError,
  type ErrorCode,
  FullPoolError,
  HTTPError,
  IncompleteRead,
  InvalidRequestError,
  NameResolutionError,
  NewConnectionError,
  PoolError,
  ProtocolError,
  ProxyError,
  ReadTimeoutError,
  ResponseStateError,
  SessionError,
  SSLError,
  TimeoutError,
} from './errors.ts';
export { HTTPConnectionPool } from './http-connection-pool.ts';
export type {
  BodySource,
  GatewayOptions,
  HeadersSource,
  PoolManagerOptions,
  PoolOptions,
  RequestInit,
  RequestTimeouts,
  TokenSource,
} from './options.ts';
export { HTTPHeaderDict } from './pool/http-header-dict.ts';
export type { HTTPResponse } from './pool/http-response.ts';
export { PoolManager } from './pool-manager.ts';

// Not exported on purpose: sessions and exchanges. They follow the wire's version, not semver.

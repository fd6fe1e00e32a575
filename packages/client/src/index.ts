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
export type { EventSourceClass, WebSocketClass, WebSocketStreamClass } from './bound-classes.ts';
export { configure } from './configure.ts';
export { connectionFromUrl } from './connection-from-url.ts';
export type { ConnectionOptions, ConnectionOverrides } from './connection-options.ts';
export { DecodeError } from './decode/decode-error.ts';
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
  type HTTPErrorOptions,
  IncompleteRead,
  InvalidRequestError,
  LocationParseError,
  LocationValueError,
  NameResolutionError,
  NewConnectionError,
  PoolError,
  ProtocolError,
  ProxyError,
  ProxySchemeUnknown,
  ReadTimeoutError,
  type RequestHistory,
  ResponseNotChunked,
  ResponseStateError,
  SessionError,
  SSLError,
  TimeoutError,
  URLSchemeUnknown,
} from './errors.ts';
export type { TunnelEventSource } from './eventsource/event-source.ts';
export type { EventSourceOptions } from './eventsource/event-source-init.ts';
export type { MultipartBody } from './exchange/multipart.ts';
export { SKIP_HEADER } from './exchange/skip-header.ts';
export type { Fetch, FetchInit, FetchOptions, FetchResponse } from './fetch/fetch-types.ts';
export type { EarlyResponse, ResponseInfo } from './fetch/response-info.ts';
export { type CreateFetchOptions, createFetch } from './fetch-api/create-fetch.ts';
export { HTTPConnectionPool } from './http-connection-pool.ts';
export { HTTPSConnectionPool } from './https-connection-pool.ts';
export type { Logger, LogLevel } from './logger.ts';
export { type CredentialEncoding, type HeaderShortcuts, makeHeaders } from './make-headers.ts';
export type {
  BodySource,
  CookieContext,
  CookieJarLike,
  GatewayOptions,
  HeadersSource,
  TokenSource,
} from './options.ts';
export { encodeMultipartFormdata, type MultipartFields } from './pool/encode-multipart.ts';
export type { ConnectionInfo, ExchangeInfo, GatewayInfo, Timings } from './pool/exchange-info.ts';
export { HTTPHeaderDict } from './pool/http-header-dict.ts';
export type { HTTPResponse } from './pool/http-response.ts';
export type { InformationalResponse } from './pool/informational-response.ts';
export { parseUrl } from './pool/parse-url.ts';
export type { RequestTarget } from './pool/perform-request.ts';
export type { PoolKwargs, PoolManagerOptions, PoolOptions } from './pool/pool-options.ts';
export type { ProgressListener, ProgressOptions, TransferProgress } from './pool/progress.ts';
export type { ReadOptions } from './pool/read-options.ts';
export type { RepeatableResponse } from './pool/redirect-location.ts';
export { type FieldData, type FieldValue, RequestField } from './pool/request-field.ts';
export type { RequestDefaults, RequestInit, UrlopenInit } from './pool/request-options.ts';
export { Retry } from './pool/retry.ts';
export { RETRY_DEFAULTS } from './pool/retry-defaults.ts';
export {
  DeadlineError,
  HostChangedError,
  InvalidHeader,
  MaxRetryError,
  RequestError,
  ResponseError,
  UnrewindableBodyError,
} from './pool/retry-errors.ts';
export type { FailedAttempt, RetryCount, RetryOptions } from './pool/retry-options.ts';
export { Timeout, type TimeoutOptions } from './pool/timeout.ts';
export type { TlsInfo } from './pool/tls-info.ts';
export { Url, type UrlParts } from './pool/url.ts';
export { PoolManager } from './pool-manager.ts';
export { ProxyManager, type ProxyManagerOptions, proxyFromUrl } from './proxy-manager.ts';
export type { ProxyOptions, ProxySettingsOptions, ProxyTlsOptions } from './proxy-options.ts';
export { request } from './request.ts';
export type { RequestMethods } from './request-methods.ts';
export { addConsoleLogger, setLogger } from './set-logger.ts';
export { SOCKSProxyManager, type SOCKSProxyManagerOptions } from './socks-proxy-manager.ts';
export type { CredentialSource, TlsOptions, TlsVersion } from './tls-options.ts';
export {
  captureWarnings,
  disableWarnings,
  HTTPWarning,
  InsecurePlatformWarning,
  InsecureRequestWarning,
  SecurityWarning,
  SNIMissingWarning,
  type WarningCategory,
} from './warnings.ts';
export type { TunnelWebSocket } from './websocket/web-socket.ts';
export type {
  TunnelWebSocketStream,
  WebSocketCloseInfo,
  WebSocketConnection,
} from './websocket/web-socket-stream.ts';
export type { WebSocketInit, WebSocketStreamInit } from './websocket/websocket-init.ts';

// Not exported on purpose: sessions and exchanges. They follow the wire's version, not semver.

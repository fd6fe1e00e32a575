/**
 * Where what a package exports stands on the page of its module, by the source file it is declared in: a file does one thing. A name
 * with `/` at its end stands for all files of a folder. Categories and files are in the order in which they are shown.
 */
export const CATEGORIES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '@hip/client': {
    'Managers and pools': [
      'pool-manager.ts',
      'configure.ts',
      'http-connection-pool.ts',
      'https-connection-pool.ts',
      'connection-from-url.ts',
      'request-methods.ts',
      'pool/pool-options.ts',
      'options.ts',
      'connection-options.ts',
      'defaults.ts',
    ],
    Requests: [
      'request.ts',
      'pool/request-options.ts',
      'pool/progress.ts',

      'make-headers.ts',
      'pool/request-field.ts',
      'pool/encode-multipart.ts',
      'exchange/multipart.ts',
      'exchange/skip-header.ts',
      'pool/url.ts',
      'pool/parse-url.ts',
      'pool/perform-request.ts',
    ],
    Responses: [
      'pool/http-response.ts',
      'pool/read-options.ts',
      'pool/exchange-info.ts',
      'pool/http-header-dict.ts',
      'pool/informational-response.ts',
      'pool/redirect-location.ts',
    ],
    fetch: ['fetch/', 'fetch-api/'],
    'WebSockets and event sources': ['bound-classes.ts', 'websocket/', 'eventsource/'],
    'Retries and time': [
      'pool/retry.ts',
      'pool/retry-options.ts',
      'pool/retry-defaults.ts',
      'pool/request-history.ts',
      'pool/timeout.ts',
    ],
    TLS: ['tls-options.ts', 'pool/tls-info.ts'],
    Proxies: ['proxy-manager.ts', 'socks-proxy-manager.ts', 'proxy-options.ts'],
    Errors: ['errors.ts', 'pool/retry-errors.ts', 'decode/decode-error.ts'],
    'Warnings and logging': ['warnings.ts', 'set-logger.ts', 'logger.ts'],
  },
  '@hip/client/fetch': {
    fetch: ['fetch-api/'],
  },
  '@hip/gateway': {
    Gateway: ['gateway.ts'],
    Options: ['options.ts', 'defaults.ts'],
    Errors: ['errors.ts'],
    Logging: ['logger.ts'],
  },
};

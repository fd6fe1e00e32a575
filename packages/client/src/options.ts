import type { ConnectionOptions, ConnectionOverrides } from './connection-options.ts';

/** How a client proves who it is: a token, or a function that gives a fresh one for every new session. */
export type TokenSource = string | (() => string | Promise<string>);

/** What may be sent as a body: what `fetch` takes, and any iterable of bytes. */
export type BodySource = BodyInit | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What headers may be given as; an `HTTPHeaderDict` is such an iterable. A name may come several times. */
export type HeadersSource =
  | Headers
  | Readonly<Record<string, string>>
  | Iterable<readonly [name: string, value: string]>;

/** Where the gateway is and how to prove who asks. */
export interface GatewayOptions {
  /**
   * URL of the gateway's session endpoint, as `hip-gateway serve` prints it: `ws://127.0.0.1:8787/session`. `http:` and
   * `https:` mean `ws:` and `wss:`.
   *
   * @defaultValue what {@link configure} was given
   */
  gateway?: string | URL;

  /**
   * What the gateway knows you by: a token, or a function that gives one, called for every new session. It travels
   * inside the session, never in a URL.
   *
   * @defaultValue what {@link configure} was given; none
   */
  token?: TokenSource;
}

/** Options of a {@link HTTPConnectionPool} or {@link HTTPSConnectionPool}. */
export interface PoolOptions extends GatewayOptions, ConnectionOptions {
  /**
   * Connections the pool keeps for reuse. With {@link PoolOptions.block} also how many it opens at once.
   *
   * @defaultValue 1, {@link DEFAULTS.maxsize}
   * @see urllib3 `HTTPConnectionPool(maxsize=…)`
   */
  maxsize?: number;

  /**
   * Whether a request waits for a connection when all are busy, instead of opening one more that is thrown away
   * afterwards.
   *
   * @defaultValue false, {@link DEFAULTS.block}
   * @see urllib3 `HTTPConnectionPool(block=…)`
   */
  block?: boolean;
}

/** Options of a {@link PoolManager}. */
export interface PoolManagerOptions extends PoolOptions {
  /**
   * Pools kept, one per origin; the least recently used one goes first.
   *
   * @defaultValue 10, {@link DEFAULTS.numPools}
   * @see urllib3 `PoolManager(num_pools=…)`
   */
  numPools?: number;
}

/**
 * Options of one `request()`. Those of TLS and proxies hold for it alone, in place of the manager's or pool's: it gets a
 * connection that was made with exactly these. `null` takes an option away.
 */
export interface RequestInit extends ConnectionOverrides {
  /** Header fields of the request. Names have no case; a name may come several times. */
  headers?: HeadersSource;

  /** Content of the request: text, bytes, `Blob`, `FormData`, `URLSearchParams`, a stream or an iterable of bytes. */
  body?: BodySource | null;

  /**
   * Whether `request()` waits for the whole body and keeps it in {@link HTTPResponse.data}. With `false` it gives the
   * response at its head, to be read in pieces.
   *
   * @defaultValue true
   * @see urllib3 `urlopen(preload_content=…)`
   */
  preloadContent?: boolean;

  /**
   * Whether reading the response undoes its `content-encoding`: gzip, deflate, br and zstd. With `false` the content is
   * what came over the connection.
   *
   * @defaultValue true
   * @see urllib3 `urlopen(decode_content=…)`
   */
  decodeContent?: boolean;

  /** Longest time until a connection to the origin is usable, and longest silence of the origin, in milliseconds. */
  timeout?: number | RequestTimeouts;

  /**
   * Longest wait for a connection of a pool with {@link PoolOptions.block}, in milliseconds. The gateway's own limit
   * holds as well; 0 leaves it to that alone.
   *
   * @defaultValue the gateway's, 5 minutes unless its operator chose another
   * @see urllib3 `urlopen(pool_timeout=…)`
   */
  poolTimeout?: number;

  /** Gives up the request, or its body, when it aborts. */
  signal?: AbortSignal;
}

/** Timeouts of one request, in milliseconds. The gateway's own limits hold as well; 0 leaves it to those alone. */
export interface RequestTimeouts {
  /** Until a connection is usable: name resolution, TCP, TLS. */
  connect?: number;

  /** Longest silence while the response is awaited or read. */
  read?: number;
}

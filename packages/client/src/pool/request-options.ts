import type { ConnectionOverrides } from '../connection-options.ts';
import type { BodySource, HeadersSource } from '../options.ts';
import type { MultipartFields } from './encode-multipart.ts';
import type { ProgressOptions } from './progress.ts';
import type { Retry } from './retry.ts';
import type { Timeout, TimeoutOptions } from './timeout.ts';

/** What holds for the requests of a manager or pool that say nothing else. `fetch()` has none of it. */
export interface RequestDefaults {
  /**
   * Header fields of requests that are given none: those of a request take the place of all of them. Pools that a manager
   * gives out do not have the manager's (urllib3).
   *
   * @defaultValue none
   * @see urllib3 `PoolManager(headers=…)`
   */
  headers?: HeadersSource | undefined;

  /**
   * How often requests are sent again, after errors and for their status, and how many redirects they follow: a number
   * for all of it, `false` for none, which raises errors as they are and returns redirects, or a {@link Retry}. `null` is
   * the default.
   *
   * @defaultValue 3, {@link DEFAULTS.retries}
   * @see urllib3 `PoolManager(retries=…)`
   */
  retries?: Retry | number | false | null | undefined;

  /**
   * How long requests may take: milliseconds until a connection is usable and of silence alike, or a {@link Timeout} or
   * its options. The gateway's own limits hold as well; `null` leaves it to those alone.
   *
   * @defaultValue no limit but the gateway's
   * @see urllib3 `PoolManager(timeout=…)`
   */
  timeout?: Timeout | TimeoutOptions | number | null | undefined;
}

/**
 * Options of one `urlopen()`. Those of TLS and proxies hold for it alone, in place of the manager's or pool's: it gets a
 * connection that was made with exactly these. `null` takes an option away. A redirect to another origin leaves those of TLS
 * behind that name the peer, identify the client, or waive what is verified.
 */
export interface UrlopenInit extends ConnectionOverrides, RequestDefaults, ProgressOptions {
  /**
   * Content of the request: text, bytes, `Blob`, `FormData`, `URLSearchParams`, a stream or an iterable of bytes.
   *
   * @defaultValue none
   * @see urllib3 `urlopen(body=…)`
   */
  body?: BodySource | null | undefined;

  /**
   * Whether redirects are followed; otherwise they are responses like others. A {@link Retry} has a count of its own for
   * them.
   *
   * @defaultValue true
   * @see urllib3 `urlopen(redirect=…)`
   */
  redirect?: boolean | undefined;

  /**
   * Whether a request of a pool stays at the pool's origin: with `false` it goes where its URL, or a redirect, leads. A
   * manager goes everywhere, and refuses this option.
   *
   * @defaultValue true
   * @see urllib3 `urlopen(assert_same_host=…)`
   */
  assertSameHost?: boolean | undefined;

  /**
   * Whether `request()` waits for the whole body and keeps it in {@link HTTPResponse.data}; a body that breaks off is
   * retried then. With `false` it gives the response at its head, to be read in pieces.
   *
   * @defaultValue true
   * @see urllib3 `urlopen(preload_content=…)`
   */
  preloadContent?: boolean | undefined;

  /**
   * Whether reading the response undoes its `content-encoding`: gzip, deflate, br and zstd. With `false` the content is
   * what came over the connection.
   *
   * @defaultValue true
   * @see urllib3 `urlopen(decode_content=…)`
   */
  decodeContent?: boolean | undefined;

  /**
   * Longest wait for a connection of a pool with {@link PoolOptions.block}, in milliseconds. The gateway's own limit
   * holds as well; 0 leaves it to that alone.
   *
   * @defaultValue the gateway's, 300_000 (5 minutes) unless its operator chose another
   * @see urllib3 `urlopen(pool_timeout=…)`
   */
  poolTimeout?: number | undefined;

  /**
   * Gives up the request, or its body, when it aborts: with the signal's reason.
   *
   * @defaultValue none
   */
  signal?: AbortSignal | undefined;
}

/** Options of one `request()`: those of {@link UrlopenInit}, and what there is to send in place of a `body`. */
export interface RequestInit extends UrlopenInit {
  /**
   * Fields to send: in the query of the URL with DELETE, GET, HEAD and OPTIONS, in the body with every other method.
   *
   * @defaultValue none
   * @see urllib3 `request(fields=…)`
   */
  fields?: MultipartFields | null | undefined;

  /**
   * A value to send as JSON, `null` among them, with `content-type: application/json` unless the headers name another.
   *
   * @defaultValue none
   * @see urllib3 `request(json=…)`
   */
  json?: unknown;

  /**
   * Whether fields in the body are sent as `multipart/form-data`; with `false`, as `application/x-www-form-urlencoded`.
   *
   * @defaultValue true
   * @see urllib3 `request_encode_body(encode_multipart=…)`
   */
  encodeMultipart?: boolean | undefined;

  /**
   * What separates the parts of `multipart/form-data`.
   *
   * @defaultValue random, 128 bits
   * @see urllib3 `request_encode_body(multipart_boundary=…)`
   */
  multipartBoundary?: string | undefined;
}

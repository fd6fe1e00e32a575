import type { ConnectionOverrides } from '../connection-options.ts';
import type { ProgressOptions } from '../pool/progress.ts';
import type { Retry } from '../pool/retry.ts';
import type { Timeout, TimeoutOptions } from '../pool/timeout.ts';
import type { ResponseInfo } from './response-info.ts';

/**
 * What a `fetch()` can do here beyond the standard, as `init.hip`. Options of TLS and proxies hold for this request alone, in
 * place of the manager's; `null` takes one away. A redirect to another origin leaves those of TLS behind that name the peer,
 * identify the client, or waive what is verified. An option that is not listed here is refused.
 */
export interface FetchOptions extends ConnectionOverrides, ProgressOptions {
  /**
   * How often the request is sent again, after errors and for its status: a number, or a {@link Retry}. Redirects do not
   * count: `init.redirect` says what becomes of them.
   *
   * @defaultValue none, as the standard has it
   */
  readonly retries?: Retry | number | false | null | undefined;

  /**
   * How long it may take: milliseconds until a connection is usable and of silence alike, or a {@link Timeout} or its
   * options. The `deadline` holds for everything, redirects and content included.
   *
   * @defaultValue no limit but the gateway's
   */
  readonly timeout?: Timeout | TimeoutOptions | number | null | undefined;

  /**
   * Longest wait for a connection of a pool with {@link PoolOptions.block}, in milliseconds; 0 leaves it to the gateway.
   *
   * @defaultValue the gateway's
   */
  readonly poolTimeout?: number | undefined;
}

/** What `fetch()` takes. */
export interface FetchInit extends RequestInit {
  /**
   * What the standard does not have. A platform `Request` does not keep it: give it as the second argument.
   *
   * @defaultValue none
   */
  readonly hip?: FetchOptions | undefined;
}

/** What `fetch()` gives. */
export interface FetchResponse extends Response {
  /** How it came. There is none where nothing went through the gateway: for `data:`, `blob:` and `about:`. */
  readonly hip: ResponseInfo;

  /** As the standard's: content that can be read once more, and the same {@link FetchResponse.hip}. */
  clone(): FetchResponse;
}

/** The platform's `fetch()`, with {@link FetchInit.hip} and {@link FetchResponse.hip}: it may be passed on as such. */
export type Fetch = (input: RequestInfo | URL, init?: FetchInit) => Promise<FetchResponse>;

import type { ConnectionOverrides } from '../connection-options.ts';
import type { HeadersSource } from '../options.ts';

/** Options of an `EventSource`. Those of TLS and proxies hold for it alone, in place of the manager's; `null` takes one away. */
export interface EventSourceOptions extends ConnectionOverrides {
  /**
   * What `credentials` of its requests are: `include`, or else `same-origin`.
   *
   * @defaultValue the latter
   */
  readonly withCredentials?: boolean | undefined;

  /**
   * Header fields of its requests, beside those it has by itself.
   *
   * @defaultValue none
   */
  readonly headers?: HeadersSource | undefined;

  /**
   * Longest event that is received, in characters. One that is longer fails the EventSource.
   *
   * @defaultValue 16_777_216 (16 MiB), {@link DEFAULTS.maxEventLength}
   */
  readonly maxEventLength?: number | undefined;
}

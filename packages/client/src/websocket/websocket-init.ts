import type { ConnectionOverrides } from '../connection-options.ts';
import type { HeadersSource } from '../options.ts';
import type { Timeout, TimeoutOptions } from '../pool/timeout.ts';

/**
 * Options of a `WebSocket`, in the place of its subprotocols, as undici, Deno and Bun have it. Those of TLS and proxies
 * hold for it alone, in place of the manager's; `null` takes one away.
 */
export interface WebSocketInit extends ConnectionOverrides {
  /**
   * Subprotocols to offer, the preferred one first.
   *
   * @defaultValue none
   */
  readonly protocols?: string | readonly string[] | undefined;

  /**
   * Header fields of the handshake. Those that make it one (`upgrade`, `sec-websocket-…`) are not for users. A page's
   * `origin` is added unless there is one here.
   *
   * @defaultValue none
   */
  readonly headers?: HeadersSource | undefined;

  /**
   * How long it may take until the WebSocket is open: milliseconds until a connection is usable and of silence alike, or
   * a {@link Timeout} or its options. The gateway's own limits hold as well. Nothing limits how long it stays open.
   *
   * @defaultValue no limit but the gateway's
   */
  readonly timeout?: Timeout | TimeoutOptions | number | null | undefined;

  /**
   * Longest message that is received, in bytes. One that is longer fails the WebSocket: the origin is told 1009, before
   * the message has come far.
   *
   * @defaultValue 104_857_600 (100 MiB), {@link DEFAULTS.maxMessageBytes}
   */
  readonly maxMessageBytes?: number | undefined;
}

/** Options of a `WebSocketStream`. */
export interface WebSocketStreamInit extends WebSocketInit {
  /**
   * Subprotocols to offer, the preferred one first.
   *
   * @defaultValue none
   */
  readonly protocols?: readonly string[] | undefined;

  /**
   * Gives up when it aborts before the WebSocket is open.
   *
   * @defaultValue none
   */
  readonly signal?: AbortSignal | undefined;
}

import type { ExchangeResponse } from '../exchange/exchange.ts';

/** How long it took to get a response's head: of the last attempt, in milliseconds. */
export interface Timings {
  /** When it began, on the clock of `performance.now()`. */
  readonly startedAtMs: number;

  /** Wait for a session with the gateway: for the first request, and where streams have run out; else next to nothing. */
  readonly sessionMs: number;

  /** The gateway's wait for a connection of the pool, which is one with `block`, and for its context. */
  readonly queueMs: number;

  /** Resolving the origin's name, or the proxy's; 0 on a connection that was reused. */
  readonly resolveMs: number;

  /** TCP, and what a proxy needs to open its side; 0 on a connection that was reused. */
  readonly connectMs: number;

  /** TLS handshake; 0 on a connection that was reused, and for `http:`. */
  readonly tlsMs: number;

  /**
   * From the request's first byte to its last, at the gateway; `undefined` where it was short enough to go at once, or the
   * response came before its end.
   */
  readonly sendMs: number | undefined;

  /** From the request's first byte to the response's, an informational one's where there was any; with `sendMs` in it. */
  readonly waitMs: number;

  /** All of it as the client saw it, with the way to the gateway and back. */
  readonly totalMs: number;
}

/** The connection that a response came on. */
export interface ConnectionInfo {
  /** Number of the connection, unique within the gateway's process. */
  readonly id: number;

  /** Whether it had served a request before. */
  readonly reused: boolean;
}

/** The session that a response came through. */
export interface GatewayInfo {
  /** The gateway's URL. */
  readonly url: string;

  /** What carried the session. */
  readonly transport: 'websocket';
}

/** What is told of an exchange, whichever façade it was for. */
export interface ExchangeInfo {
  /** How long each step took. */
  readonly timings: Timings;

  /** The connection to the origin or its proxy. */
  readonly connection: ConnectionInfo;

  /** The gateway it went by. */
  readonly gateway: GatewayInfo;
}

/** What the gateway and the clock told of an exchange. What a gateway does not tell, is 0. */
export function exchangeInfo({ metadata, times, via }: ExchangeResponse): ExchangeInfo {
  const { connectionId, reused, queueUs, connectUs = 0, resolveUs = 0, tlsUs = 0, sendUs, waitUs } = metadata;
  const [startedAtMs, openedAtMs, answeredAtMs] = times;
  return {
    timings: {
      startedAtMs,
      sessionMs: openedAtMs - startedAtMs,
      queueMs: milliseconds(queueUs),
      resolveMs: milliseconds(resolveUs),
      connectMs: milliseconds(connectUs - resolveUs - tlsUs),
      tlsMs: milliseconds(tlsUs),
      sendMs: sendUs && milliseconds(sendUs),
      waitMs: milliseconds(waitUs),
      totalMs: answeredAtMs - startedAtMs,
    },
    connection: { id: connectionId ?? 0, reused: reused ?? false },
    gateway: { url: via[0], transport: via[1] },
  };
}

function milliseconds(microseconds = 0): number {
  return Math.max(0, microseconds) / 1_000;
}

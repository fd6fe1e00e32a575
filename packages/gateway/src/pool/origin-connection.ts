import type { Failure, FieldLines } from '@hip/wire';
import type { ConnectionInfo } from '../connect/connector.ts';
import type { RequestBody } from './request-body.ts';

/** One request, as the engine writes it. */
export interface OriginRequest {
  readonly method: string;

  /** Path and query, starting with `/`; for a proxy that forwards the request, the whole URL (RFC 9112 §3.2.2). */
  readonly path: string;

  /** `Host` when the fields have none (RFC 9110 §7.2). */
  readonly authority: string;

  /** As the client sent them; what belongs to one connection only is left out by the engine. */
  readonly fields: FieldLines;

  /** For the proxy that forwards the request; `undefined` when it goes to its origin over this connection. */
  readonly proxyFields: FieldLines | undefined;

  /** `undefined` for none; bytes when all of it is there; else a {@link RequestBody} to write to. */
  readonly body: Uint8Array | RequestBody | undefined;

  /** Until a new connection is usable, in milliseconds; `0` means no limit. */
  readonly connectTimeoutMs: number;

  /** Longest silence of the origin while it is its turn, in milliseconds; `0` means no limit. */
  readonly readTimeoutMs: number;

  /**
   * When the request has been sent, what is left of this, in milliseconds, becomes the `readTimeoutMs` where it is less:
   * urllib3's `total`, which counts from the beginning of connecting. `0` means no limit.
   */
  readonly totalTimeoutMs: number;
}

/**
 * What comes back, in this order: `connected`, any number of `informational`, `head`, any number of `data`, `end`. `error` may
 * come instead of any of them and is the last. Nothing is called before `send` has returned, nor after `abort`.
 */
export interface OriginHandler {
  /** The request is about to be written. `reused`: the socket carried a request before. */
  connected(info: ConnectionInfo, reused: boolean): void;

  /** The last of the request was written; not called where the response ended before. Between `connected` and `end`. */
  sent?(): void;

  /** A 1xx response other than 101, also 100 (RFC 9110 §15.2: a proxy forwards them). */
  informational(status: number, fields: FieldLines): void;

  /** The final response's head. */
  head(status: number, reason: string, fields: FieldLines, httpVersion: string): void;

  /** Content, in pieces of any size; the bytes are the handler's to keep. */
  data(chunk: Uint8Array): void;

  /** The response is complete and the connection may be given back. */
  end(trailers: FieldLines): void;

  /** The exchange failed, and the connection is not to be used again. */
  error(failure: Failure): void;
}

/** One exchange on its way. */
export interface OriginExchange {
  /** Stops reading the socket. At most one more chunk arrives. */
  pause(): void;

  /** Reads on; never calls the handler before it returns. */
  resume(): void;

  /** Ends the exchange and closes the socket, so the origin stops too. Silent, and harmless at any time. */
  abort(): void;
}

/** One connection to an origin; one exchange at a time. Connects when there is something to send. */
export interface OriginConnection {
  /** Unique in this process. Tells a client whether two responses came over the same connection object. */
  readonly id: number;

  /** Is there a socket that, as far as is known now, the next request can be written to? */
  readonly isConnected: boolean;

  /** Requests sent so far, over all sockets this object had. */
  readonly requestCount: number;

  /** Sends a request. A dropped socket is replaced first, and nothing is said about it. */
  send(request: OriginRequest, handler: OriginHandler): OriginExchange;

  /** Closes the socket. The object is not used again. */
  close(): void;
}

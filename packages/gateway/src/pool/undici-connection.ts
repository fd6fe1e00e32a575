import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';
import type { ConnectionInfo, Connector, ConnectTarget, Route } from '../connect/connector.ts';
import { INTERNALS } from '../defaults.ts';
import { failed } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { OriginConnection, OriginExchange, OriginHandler, OriginRequest } from './origin-connection.ts';
import { readAfterWriteError } from './read-after-write-error.ts';
import { RequestBody } from './request-body.ts';
import { forwardedRequest } from './request-fields.ts';
import { StatusLineWatch } from './status-line-watch.ts';
import { UndiciExchange, type UndiciExchangeHost } from './undici-exchange.ts';

/** What a {@link UndiciConnection} is built from. */
export interface UndiciConnectionOptions {
  readonly target: ConnectTarget;
  readonly route: Route;
  readonly connector: Connector;

  /** An unused socket is closed after this, in milliseconds; a server's `Keep-Alive: timeout` can shorten it. */
  readonly idleTimeoutMs: number;

  /** Largest head of a response, in bytes. */
  readonly maxHeadBytes: number;

  readonly log: Logger;
}

/**
 * What undici believes to talk to. It never resolves or connects itself, and every request names its own `Host`, so
 * the URL only has to be one that keeps undici from closing the connection when `Host` changes, as it does for
 * `https:`.
 */
const ENGINE_URL = 'http://origin.invalid';

let lastId = 0;

/** HTTP/1.1 over one connection at a time: an undici `Client` that connects through our {@link Connector}. */
export class UndiciConnection implements OriginConnection, UndiciExchangeHost {
  readonly id: number = ++lastId;
  readonly target: ConnectTarget;
  readonly watch: StatusLineWatch = new StatusLineWatch();
  readonly #options: UndiciConnectionOptions;
  readonly #client: Client;
  #socket: Socket | undefined;
  #info: ConnectionInfo | undefined;
  #connecting: AbortController | undefined;
  #exchange: UndiciExchange | undefined;
  #connectTimeoutMs = 0;
  #dispatch: (() => void) | undefined;
  #hadSocket = false;
  #socketRequests = 0;
  #requestCount = 0;
  #lastUsed = 0;

  constructor(options: UndiciConnectionOptions) {
    this.#options = options;
    this.target = options.target;
    this.#client = new Client(ENGINE_URL, {
      connect: (_options: buildConnector.Options, callback: buildConnector.Callback) =>
        this.#connect(callback),
      pipelining: 1,
      allowH2: false,
      useMilo: false,
      maxHeaderSize: options.maxHeadBytes,
      // Ours are exact to the millisecond and know whose turn it is; undici's tick twice a second.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: options.idleTimeoutMs,
      keepAliveMaxTimeout: options.idleTimeoutMs,
      keepAliveTimeoutThreshold: INTERNALS.keepAliveMarginMs,
    });
    // A handler that throws while it is told of a failure: it must not end the process.
    const events: EventEmitter = this.#client;
    events.on('error', (error) => this.faulted(error));
  }

  get isConnected(): boolean {
    const socket = this.#socket;
    return (
      socket !== undefined &&
      !socket.destroyed &&
      socket.readable &&
      socket.writable &&
      // Bytes that nobody asked for: whatever they are, they are not the next response (RFC 9112 §9.2).
      socket.readableLength === 0
    );
  }

  get requestCount(): number {
    return this.#requestCount;
  }

  get bytesWritten(): number {
    return this.#socket?.bytesWritten ?? 0;
  }

  get isBlocked(): boolean {
    return this.#socket?.writableNeedDrain ?? false;
  }

  send(request: OriginRequest, handler: OriginHandler): OriginExchange {
    this.#requestCount += 1;
    const exchange = new UndiciExchange(this, request, handler);
    this.#exchange = exchange;
    this.#connectTimeoutMs = request.connectTimeoutMs;
    this.#dispatch = () => this.#send(exchange, request);
    // Never at once: undici's parser is one for all connections and must not be entered from another one's callback.
    if (this.#needsPoll()) setImmediate(this.#dispatch);
    else queueMicrotask(this.#dispatch);
    return exchange;
  }

  close(): void {
    this.stopConnecting();
    this.#client.destroy(() => {});
  }

  // What the exchange asks.

  started(): { info: ConnectionInfo; reused: boolean } {
    if (this.#info === undefined) throw new TypeError('UndiciConnection: a request started without a socket');
    this.watch.expectResponse();
    this.#socketRequests += 1;
    return { info: this.#info, reused: this.#socketRequests > 1 };
  }

  retry(exchange: UndiciExchange): boolean {
    if (this.#exchange !== exchange || !this.#hadSocket || this.isConnected) return false;
    // Once: the next socket is a new one, and what is wrong with that is told.
    this.#hadSocket = false;
    if (this.#dispatch !== undefined) queueMicrotask(this.#dispatch);
    return true;
  }

  finished(exchange: UndiciExchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#dispatch = undefined;
    this.#lastUsed = performance.now();
  }

  stopConnecting(): void {
    this.#connecting?.abort(failed('cancelled', 'the client does not want the response any more'));
  }

  faulted(error: unknown): void {
    this.#options.log.error(
      { error: error instanceof Error ? error.stack : error },
      'Exchange failed unexpectedly',
    );
  }

  /** A FIN that has waited in the kernel is seen only when the loop has polled once since. undici does not wait so long. */
  #needsPoll(): boolean {
    return this.isConnected && performance.now() - this.#lastUsed > INTERNALS.idleCheckMs;
  }

  #send(exchange: UndiciExchange, request: OriginRequest): void {
    if (exchange.isDone) return;
    this.#hadSocket = this.isConnected;
    if (!this.#hadSocket) this.#socket?.destroy();
    let options: Dispatcher.DispatchOptions;
    try {
      options = dispatchOptions(request);
    } catch (error) {
      exchange.fail(error);
      return;
    }
    this.#client.dispatch(options, exchange);
  }

  #connect(callback: buildConnector.Callback): void {
    const { host, port } = this.target;
    if (this.#info !== undefined)
      this.#options.log.debug({ host, port }, `Resetting dropped connection: ${host}`);
    const connecting = new AbortController();
    this.#connecting = connecting;
    const { connector, route } = this.#options;
    connector
      .connect(this.target, { route, timeoutMs: this.#connectTimeoutMs, signal: connecting.signal })
      .then(
        ({ socket, info }) => {
          this.#connecting = undefined;
          // Left alone, undici's parser fails before the request has begun, and undici connects again, forever.
          if (socket.readableLength > 0) {
            socket.destroy();
            callback(failed('http_protocol_error', `${host}:${port} (it spoke before it was asked)`), null);
            return;
          }
          this.#info = info;
          this.#socket = socket;
          this.#socketRequests = 0;
          this.#readAlong(socket);
          readAfterWriteError(socket, () => this.#exchange?.originStoppedReading());
          callback(null, socket);
        },
        (error: Error) => {
          this.#connecting = undefined;
          callback(error, null);
        },
      )
      .catch((error: unknown) => this.faulted(error));
  }

  /** Shows every byte to {@link StatusLineWatch} before undici's parser sees it. */
  #readAlong(socket: Socket): void {
    const read = socket.read.bind(socket);
    socket.read = (size?: number): Buffer | null => {
      const chunk: Buffer | null = read(size);
      if (chunk === null) return null;
      this.watch.inspect(chunk);
      if (!this.watch.isSwitching) return chunk;
      socket.destroy(failed('http_protocol_error', '101 (Switching Protocols), which nobody has asked for'));
      return null;
    };
  }
}

/** The request as undici takes it. Throws a {@link FailureError} when it contradicts itself. */
function dispatchOptions({
  method,
  path,
  authority,
  fields,
  proxyFields,
  body,
}: OriginRequest): Dispatcher.DispatchOptions {
  // CONNECT asks for a tunnel, which is no exchange.
  if (method === 'CONNECT') throw failed('http_request_error', 'CONNECT is not a request to an origin');
  const forwarded = forwardedRequest(fields, authority, proxyFields);
  const { contentLength } = forwarded;
  // Of a body that is still arriving nobody knows; the engine holds it to what was announced.
  const length = body instanceof RequestBody ? (body.length ?? contentLength) : (body?.length ?? 0);
  // Left alone, undici corrects the length of a GET.
  if (contentLength !== undefined && contentLength !== length) {
    throw failed('http_request_error', 'Content-Length is not the length of the body');
  }
  if (body instanceof RequestBody && contentLength !== undefined)
    forwarded.fields.push('content-length', String(contentLength));
  const options: Dispatcher.DispatchOptions = {
    method,
    path,
    headers: forwarded.fields,
    body: body instanceof RequestBody ? body.readable : (body ?? null),
  };
  // Left alone, undici closes the connection after each HEAD, and after content with a method that has no meaning for
  // it. The second is right: a server that ignores such content takes it for the next request.
  if (body === undefined || (method !== 'GET' && method !== 'HEAD')) options.reset = false;
  return options;
}

import type { Dispatcher } from 'undici';
import type { ConnectionInfo } from '../connect/connector.ts';
import { type Stage, toFailure } from '../connect/node-error.ts';
import { INTERNALS } from '../defaults.ts';
import { FailureError, failed } from '../errors.ts';
import type { OriginExchange, OriginHandler, OriginRequest } from './origin-connection.ts';
import { RequestBody } from './request-body.ts';
import { responseFields, trailerFields } from './response-fields.ts';
import { CONTINUE_STAND_IN, type StatusLineWatch } from './status-line-watch.ts';

/** What an exchange asks of the connection it runs on. */
export interface UndiciExchangeHost {
  readonly target: { readonly host: string; readonly port: number };
  readonly watch: StatusLineWatch;

  /** Bytes written to the current socket, in its whole life. */
  readonly bytesWritten: number;

  /** Does the socket hold back what was written, because the origin does not read? */
  readonly isBlocked: boolean;

  /** The engine is about to write the request. */
  started(): { info: ConnectionInfo; reused: boolean };

  /** The exchange did not start because the socket it was meant for had dropped. `false`: that is not why. */
  retry(exchange: UndiciExchange): boolean;

  /** The exchange is over. */
  finished(exchange: UndiciExchange): void;

  /** Stops connecting, if that is where the exchange is. */
  stopConnecting(): void;

  /** A callback of the client's side has thrown: a fault of ours, for the operator. */
  faulted(error: unknown): void;
}

const ABORTED = failed('cancelled', 'the client does not want the response any more');

/**
 * One exchange, as undici's handler on one side and as {@link OriginExchange} on the other.
 *
 * ```
 * waiting ──onRequestStart──▶ sent ──onResponseStart(≥ 200)──▶ response ──onResponseEnd──▶ done
 *    └──────────────┴── onResponseError, abort, silence ──────────┴──────────────────────────▲
 * ```
 */
export class UndiciExchange implements Dispatcher.DispatchHandler, OriginExchange {
  readonly #host: UndiciExchangeHost;
  readonly #request: OriginRequest;
  readonly #handler: OriginHandler;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #startedAtMs = performance.now();
  #readTimeoutMs: number;
  #isReading = false;
  #bytesBefore = 0;
  #informational = 0;
  #isRequestSent = false;
  #hasResponse = false;
  #isPaused = false;
  #isDone = false;

  constructor(host: UndiciExchangeHost, request: OriginRequest, handler: OriginHandler) {
    this.#host = host;
    this.#request = request;
    this.#readTimeoutMs = request.readTimeoutMs;
    this.#handler = handler;
  }

  /** Is there nothing left to do, because it was aborted or has failed? */
  get isDone(): boolean {
    return this.#isDone;
  }

  // The exchange, toward the client…

  pause(): void {
    this.#isPaused = true;
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // Later: undici's parser is one for all connections and must not be entered from another one's callback.
    queueMicrotask(() => {
      if (this.#isPaused || this.#isDone) return;
      this.#timer?.refresh();
      this.#controller?.resume();
    });
  }

  abort(): void {
    if (this.#isDone) return;
    this.#finish();
    if (this.#controller === undefined) this.#host.stopConnecting();
    else this.#controller.abort(ABORTED);
  }

  /** The origin has closed while the request was being written. It may have answered before. */
  originStoppedReading(): void {
    if (this.#request.body instanceof RequestBody) this.#request.body.stop();
  }

  /** Ends the exchange with this failure. */
  fail(error: unknown): void {
    this.onResponseError(null, error);
  }

  // …toward the origin: sending the request…

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isDone) {
      controller.abort(ABORTED);
      return;
    }
    this.#controller = controller;
    if (this.#isPaused) controller.pause();
    const { info, reused } = this.#host.started();
    this.#bytesBefore = this.#host.bytesWritten;
    if (this.#readTimeoutMs > 0) this.#timer = setTimeout(() => this.#onSilence(), this.#readTimeoutMs);
    this.#handler.connected(info, reused);
  }

  onBodySent(): void {
    this.#timer?.refresh();
  }

  onRequestSent(): void {
    this.#isRequestSent = true;
    this.#read();
    this.#handler.sent?.();
  }

  // …receiving the response.

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    reason: string | undefined,
  ): void {
    if (this.#isDone) return;
    this.#read();
    const fields = responseFields(controller.rawHeaders as Buffer[]);
    if (status < 200) {
      this.#onInformational(controller, status, fields);
      return;
    }
    this.#hasResponse = true;
    this.#handler.head(status, reason ?? '', fields, this.#host.watch.httpVersion);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isDone) return;
    this.#timer?.refresh();
    this.#handler.data(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#isDone) return;
    this.#finish();
    try {
      this.#handler.end(trailerFields(controller.rawTrailers as Buffer[]));
    } catch (error) {
      // undici would tell it to `onResponseError`, which has nothing left to fail.
      this.#host.faulted(error);
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    if (this.#isDone) return;
    const isUnstarted = this.#controller === undefined && !(error instanceof FailureError);
    if (isUnstarted && this.#host.retry(this)) return;
    const failure = toFailure(error, this.#stage(), this.#host.target);
    if (failure.name === 'internal_error') this.#host.faulted(error);
    this.#finish();
    this.#handler.error(failure);
  }

  #onInformational(controller: Dispatcher.DispatchController, status: number, fields: string[]): void {
    this.#informational += 1;
    if (this.#informational > INTERNALS.maxInformationalResponses) {
      controller.abort(failed('http_protocol_error', 'too many informational responses'));
      return;
    }
    const isContinue = status === CONTINUE_STAND_IN && this.#host.watch.takeContinue();
    this.#handler.informational(isContinue ? 100 : status, fields);
  }

  /** The request is out, or answered before it was: from here on what is left of the total counts. */
  #read(): void {
    this.#timer?.refresh();
    const { totalTimeoutMs } = this.#request;
    if (this.#isReading || totalTimeoutMs === 0) return;
    this.#isReading = true;
    const leftMs = Math.max(0, Math.ceil(totalTimeoutMs - (performance.now() - this.#startedAtMs)));
    clearTimeout(this.#timer);
    this.#readTimeoutMs = Math.min(this.#readTimeoutMs || leftMs, leftMs);
    // Also without an instant left: what has arrived by then is heard first.
    this.#timer = setTimeout(() => this.#onSilence(), this.#readTimeoutMs);
  }

  /** The origin said nothing for `readTimeoutMs`. Whether that is its fault depends on whose turn it is. */
  #onSilence(): void {
    // The client does not read: `resume` starts the clock again.
    if (this.#isPaused) return;
    // The client has not sent the rest of the body.
    if (!this.#hasResponse && !this.#isRequestSent && !this.#host.isBlocked) {
      this.#timer?.refresh();
      return;
    }
    const { host, port } = this.#host.target;
    const detail = `${host}:${port} (read timeout=${this.#readTimeoutMs} ms)`;
    this.#controller?.abort(failed(this.#silentRow(), detail));
  }

  #silentRow(): 'response_read_timeout' | 'connection_read_timeout' | 'connection_write_timeout' {
    if (this.#hasResponse) return 'response_read_timeout';
    return this.#isRequestSent ? 'connection_read_timeout' : 'connection_write_timeout';
  }

  /** What may be claimed about the request. Only bytes handed to the socket count as sent. */
  #stage(): Stage {
    if (this.#hasResponse) return 'response';
    if (this.#controller === undefined) return 'unsent';
    return this.#host.bytesWritten > this.#bytesBefore ? 'sent' : 'unsent';
  }

  #finish(): void {
    this.#isDone = true;
    clearTimeout(this.#timer);
    this.#host.finished(this);
    if (this.#request.body instanceof RequestBody) this.#request.body.discard();
  }
}

import {
  ByteWriter,
  ExchangeResponseDecoder,
  type ExchangeResponseHandler,
  FAILURES,
  type Failure,
  type FieldLines,
  failureName,
  type RequestHead,
  type RequestOptions,
  type ResponseHead,
  type ResponseMetadata,
  type SessionClose,
  type Stream,
  type StreamHandler,
  WireError,
  writeContentChunk,
  writeExchangeRequest,
  writeRequestEnd,
} from '@hip/wire';
import * as DEFAULTS from '../defaults.ts';
import { failureError, type HTTPError } from '../errors.ts';
import { type ClientSession, closeError, DEAF } from '../session/client-session.ts';
import type { ContextSettings, ManagerContext } from '../session/manager-context.ts';
import type { SessionManager, SessionWaiter } from '../session/session-manager.ts';
import type { Transport } from '../transport/transport.ts';
import { IncomingBody } from './incoming-body.ts';
import { discardBody, type RequestBody } from './request-body.ts';
import { BodySender, type BodySent } from './send-body.ts';

/** Bodies up to this size leave together with the request head, in bytes. */
const INLINE_BODY_BYTES = 65_536;

/** Methods that do the same when they are done twice (RFC 9110 §9.2.2). */
const IDEMPOTENT = /^(GET|HEAD|PUT|DELETE|OPTIONS|TRACE)$/;

/** Everything one exchange needs. */
export interface ExchangeRequest {
  readonly context: ManagerContext | ContextSettings;
  readonly head: RequestHead;
  readonly body: RequestBody | undefined;
  readonly options: RequestOptions;
  readonly signal: AbortSignal | undefined;
  /**
   * How often it may be sent again after the end of a session cut it off, although the origin may have seen it. Only where
   * its method is idempotent; 0 when left out, since {@link Retry} counts that.
   */
  readonly repeats?: number | undefined;
  /** Told of the body as it leaves, from 0 again where it is sent again. */
  readonly onBodySent?: BodySent | undefined;
}

/** What an exchange gives when the response's head is here. */
export interface ExchangeResponse {
  readonly status: number;
  readonly fields: FieldLines;
  readonly metadata: ResponseMetadata;
  /** Informational responses that came before. */
  readonly informational: readonly ResponseHead[];
  readonly body: IncomingBody;
  /** When it was asked for, had a stream, and was answered: milliseconds of `performance.now()`. */
  readonly times: readonly [startedAtMs: number, openedAtMs: number, answeredAtMs: number];
  /** URL of the gateway, and what carried the session. */
  readonly via: readonly [gateway: string, transport: Transport['name']];
  /** Certificates in DER, where the request asked for them. */
  readonly peerCertificates?: readonly Uint8Array[] | undefined;
}

/**
 * Sends one request and gives its response as soon as the head is here.
 *
 * @throws a subclass of HTTPError, or the reason of the signal.
 */
export function exchange(sessions: SessionManager, request: ExchangeRequest): Promise<ExchangeResponse> {
  return new Promise((resolve, reject) => {
    new Exchange(sessions, request, resolve, reject).start();
  });
}

/**
 * One request with its response on one stream.
 *
 *     waiting ──session──▶ sending ──head──▶ receiving ──end──▶ over
 *        ▲                    │                  │
 *        └──sent again────────┘                  └──reset, session lost, abort──▶ over
 */
class Exchange implements SessionWaiter, StreamHandler, ExchangeResponseHandler {
  readonly #sessions: SessionManager;
  readonly #request: ExchangeRequest;
  readonly #resolve: (response: ExchangeResponse) => void;
  readonly #reject: (reason: unknown) => void;

  #state: 'waiting' | 'sending' | 'receiving' | 'over' = 'waiting';
  #session: ClientSession | undefined;
  #stream: Stream | undefined;
  #decoder: ExchangeResponseDecoder | undefined;
  #upload: BodySender | undefined;
  readonly #startedAtMs = performance.now();
  #openedAtMs = 0;
  /** When the exchange first got nowhere: a gateway that drains, or is full, refused it, or it never left. */
  #refusedAtMs: number | undefined;
  /** How it was cut off when the origin may have seen it. */
  #cut: HTTPError | undefined;
  #repeats = 0;

  #metadata: ResponseMetadata = {};
  #informational: ResponseHead[] = [];
  #head: ResponseHead | undefined;
  #body: IncomingBody | undefined;
  #contentBytes = 0;
  /** Pieces of content in the bytes being decoded. */
  #pieces = 0;

  constructor(
    sessions: SessionManager,
    request: ExchangeRequest,
    resolve: (response: ExchangeResponse) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#sessions = sessions;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const signal = this.#request.signal;
    if (signal?.aborted) {
      this.#abort();
      return;
    }
    signal?.addEventListener('abort', this.#abort);
    this.#sessions.acquire(this);
  }

  // Getting a session.

  use(session: ClientSession): boolean {
    const stream = session.openExchange(this, this.#isIdempotent);
    if (stream === undefined) return false;
    this.#state = 'sending';
    this.#openedAtMs = performance.now();
    this.#session = session;
    this.#stream = stream;
    this.#decoder = new ExchangeResponseDecoder(this);
    try {
      this.#send(stream, session.contextId(this.#request.context));
    } catch (error) {
      // It concerns this exchange alone, and may happen while the session reads what others get.
      this.#giveUp(error);
    }
    return true;
  }

  // Sending the request.

  #send(stream: Stream, contextId: number): void {
    const { head, options, body, onBodySent } = this.#request;
    const writer = sharedWriter;
    writer.discard();
    writeExchangeRequest(writer, contextId, options, head);
    const bytes = body?.bytes;
    const isWatched = onBodySent !== undefined;
    if (body === undefined || (bytes !== undefined && bytes.length <= INLINE_BODY_BYTES && !isWatched)) {
      if (bytes !== undefined) writeContentChunk(writer, bytes);
      writeRequestEnd(writer);
      stream.end(writer.take());
      return;
    }
    stream.write(writer.take());
    const source = body.open?.() ?? oneByOne(bytes ?? new Uint8Array(0));
    const upload = new BodySender(stream, source, body.isBorrowed, onBodySent);
    this.#upload = upload;
    upload.run().catch((error: unknown) => {
      this.#giveUp(error);
    });
  }

  writable(): void {
    this.#upload?.writable();
  }

  stopSending(): void {
    // The gateway needs no more of the body: it has the response already, or the exchange is about to fail.
    this.#upload?.stop();
  }

  // Receiving the response.

  data(bytes: Uint8Array, fin: boolean, exclusive: boolean): void {
    const decoder = this.#decoder;
    const stream = this.#stream;
    if (decoder === undefined || stream === undefined) return;
    const contentBefore = this.#contentBytes;
    this.#pieces = 0;
    try {
      decoder.push(bytes);
      if (fin) decoder.finish();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#giveUp(failureError({ name: 'malformed_answer', detail: error.message }, { cause: error }));
      return;
    }
    if (exclusive && this.#pieces > 0) this.#body?.claimLast(this.#pieces);
    // Content gives its credit back when it is read; everything around it, now. After the end nothing more can come: a
    // response that nobody reads must not hold credit that others need.
    stream.consume(fin ? Number.POSITIVE_INFINITY : bytes.length - (this.#contentBytes - contentBefore));
    if (this.#state === 'sending' && this.#head !== undefined) this.#deliver(this.#head);
    if (fin && this.#state === 'receiving') this.#over(undefined);
  }

  metadata(metadata: ResponseMetadata): void {
    this.#metadata = metadata;
  }

  informational(head: ResponseHead): void {
    this.#informational.push(head);
  }

  responseHead(head: ResponseHead): void {
    this.#head = head;
    this.#body = new IncomingBody(this.#stream as Stream, () =>
      this.#giveUp(failureError({ name: 'cancelled', detail: '' })),
    );
  }

  content(bytes: Uint8Array): void {
    this.#contentBytes += bytes.length;
    this.#pieces++;
    this.#body?.push(bytes);
  }

  end(trailers: FieldLines): void {
    this.#body?.end(trailers);
  }

  /** The gateway answered with a failure. */
  failure(failure: Failure): void {
    this.#failOrRepeat(failureError(failure), failure.name === 'session_lost');
  }

  reset(code: number): void {
    const name = failureName(code);
    const partial = this.#contentBytes;
    const expected = announcedBytes(this.#head) - partial || undefined;
    // A bare code has no words with it: say at least where and how far.
    const detail = `${name.replaceAll('_', ' ')}: ${this.#request.head.authority}, after ${partial} bytes of content${expected ? `, ${expected} more expected` : ''}`;
    this.#failOrRepeat(failureError({ name, detail }, { partial, expected }), name === 'session_lost');
  }

  closed(close: SessionClose): void {
    this.#failOrRepeat(closeError(close), true);
  }

  #deliver(head: ResponseHead): void {
    this.#state = 'receiving';
    this.#resolve({
      status: head.status,
      fields: head.fields,
      metadata: this.#metadata,
      informational: this.#informational,
      body: this.#body as IncomingBody,
      times: [this.#startedAtMs, this.#openedAtMs, performance.now()],
      via: (this.#session as ClientSession).via,
    });
  }

  // Ending.

  readonly #abort = (): void => {
    const { body, signal } = this.#request;
    // Otherwise it has a sender, which tells whoever makes it.
    if (this.#state === 'waiting') discardBody(body, signal?.reason);
    this.#giveUp(signal?.reason);
  };

  /** Ends the exchange from this side; the origin is made to stop. */
  #giveUp(reason: unknown): void {
    if (this.#state === 'over') return;
    this.#stream?.stopSending(FAILURES.cancelled.code);
    this.#over(reason);
  }

  get #isIdempotent(): boolean {
    return IDEMPOTENT.test(this.#request.head.method);
  }

  /**
   * The other side ended the exchange, or the session ended under it (`isCut`). As long as its body is still there, it is
   * sent again on the next session.
   */
  #failOrRepeat(error: HTTPError, isCut: boolean): void {
    if (
      this.#state !== 'sending' ||
      this.#request.body?.isReplayable === false ||
      !this.#mayRepeat(error, isCut)
    ) {
      this.#over(error);
      return;
    }
    this.#state = 'waiting';
    this.#session?.drain();
    this.#leaveSession();
    this.#sessions.acquire(this);
  }

  /** Whatever its method when a gateway that is going away, or is full, has passed nothing on, or when nothing of it has left. */
  #mayRepeat(error: HTTPError, isCut: boolean): boolean {
    if (error.code === 'draining' || error.code === 'session_limit' || (isCut && this.#stream?.isUnsent)) {
      const nowMs = performance.now();
      this.#refusedAtMs ??= nowMs;
      return nowMs - this.#refusedAtMs < DEFAULTS.sessionTimeoutMs;
    }
    if (!isCut || error.sent !== 'maybe' || !this.#isIdempotent) return false;
    this.#cut = error;
    return this.#repeats++ < (this.#request.repeats ?? 0);
  }

  /** A session cannot be had: that alone would say that the origin has seen nothing. */
  fail(error: HTTPError): void {
    this.#over(this.#cut ?? error);
  }

  #over(reason: unknown): void {
    if (this.#state === 'over') return;
    const before = this.#state;
    this.#state = 'over';
    this.#request.signal?.removeEventListener('abort', this.#abort);
    if (before === 'waiting') this.#sessions.forget(this);
    this.#leaveSession(reason);
    if (before === 'receiving') this.#body?.fail(reason);
    else this.#reject(reason);
  }

  #leaveSession(reason?: unknown): void {
    const session = this.#session;
    this.#session = undefined;
    this.#decoder = undefined;
    this.#upload?.stop(reason);
    this.#upload = undefined;
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) {
      // Does nothing to a request that has been sent to its end.
      stream.reset(FAILURES.cancelled.code);
      // What else happens to it concerns nobody; and a response that is kept must not keep its request.
      stream.handler = DEAF;
    }
    session?.exchangeEnded();
  }
}

/** Heads are written one at a time and taken at once: one writer serves every exchange, and small ones share its slabs. */
const sharedWriter = new ByteWriter();

async function* oneByOne(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}

/** Bytes of content that a head announces (RFC 9110 §8.6); NaN where it does not. */
function announcedBytes(head: ResponseHead | undefined): number {
  const fields = head?.fields ?? [];
  const at = fields.findIndex((name, index) => index % 2 === 0 && name === 'content-length');
  return at < 0 ? Number.NaN : Number(fields[at + 1]);
}

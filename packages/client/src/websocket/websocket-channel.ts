import {
  ByteWriter,
  type CloseStatus,
  FAILURES,
  type FieldLines,
  failureName,
  PROTOCOL_VIOLATION,
  type ResponseMetadata,
  type SessionClose,
  type Stream,
  type StreamHandler,
  TEXT,
  type WebSocketOptions,
  WebSocketResponseDecoder,
  type WebSocketResponseHandler,
  WireError,
  writeWebSocketRequest,
} from '@hip/wire';
import * as DEFAULTS from '../defaults.ts';
import { failureError, type HTTPError } from '../errors.ts';
import type { ExchangeRequest } from '../exchange/exchange.ts';
import { type ClientSession, closeError, DEAF } from '../session/client-session.ts';
import type { SessionManager, SessionWaiter } from '../session/session-manager.ts';
import { MessageAssembler } from './message-assembler.ts';
import { decodeText } from './message-content.ts';
import { OutgoingMessages } from './outgoing-messages.ts';

/** A message, whole: a text, or bytes in a buffer of their own. */
export type IncomingMessage = string | Uint8Array<ArrayBuffer>;

/** How a WebSocket ended: closed by both sides, or in any other way. */
export type ChannelEnd = { readonly status: CloseStatus } | { readonly error: unknown };

/** What is told of a channel. One that cannot be opened is told by {@link WebSocketChannel.open} alone. */
export interface ChannelHandler {
  /** It is open. `protocol` is the subprotocol chosen; empty where none was offered. */
  opened(channel: WebSocketChannel, protocol: string): void;

  /** There is a message to {@link WebSocketChannel.take}. */
  arrived(): void;

  /** Content given to {@link WebSocketChannel.send} has left: so many bytes more. */
  left(bytes: number): void;

  /** It is over. Messages may still be there. */
  ended(end: ChannelEnd): void;
}

/** What a channel is opened with, beside the request. */
export interface ChannelOptions {
  /** Offered, in this order. */
  readonly protocols: readonly string[];

  /** Longest message that is received, in bytes. */
  readonly maxMessageBytes: number;
}

/** What the origin answered. */
export interface HandshakeAnswer {
  readonly metadata: ResponseMetadata;
  readonly fields: FieldLines;
}

/** A message, and the credit that is given back when it is taken. */
interface WaitingMessage {
  readonly content: IncomingMessage;
  readonly owedBytes: number;
}

/** Codes of a side that fails the connection (RFC 6455 §7.4.1). */
const INVALID_DATA = 1007;
const MESSAGE_TOO_BIG = 1009;
const INTERNAL_ERROR = 1011;

/**
 * One WebSocket on one stream: handshake, whole messages, close.
 *
 *     waiting ──session──▶ asked ──opened──▶ open ──close, failure, session lost──▶ over
 *        ▲                   │                 └──fail()──▶ failing ──end of stream──▲
 *        └──gateway drains───┘
 *
 * Received bytes give their credit back when their message is taken; those of a message that is not complete as they come,
 * while somebody waits for it and no other is left to take.
 */
export class WebSocketChannel implements SessionWaiter, StreamHandler {
  readonly #handler: ChannelHandler;
  readonly #options: ChannelOptions;
  readonly #sessions: SessionManager;
  readonly #request: ExchangeRequest;
  #resolve: (answer: HandshakeAnswer) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  #state: 'waiting' | 'asked' | 'open' | 'failing' | 'over' = 'waiting';
  #session: ClientSession | undefined;
  #stream: Stream | undefined;
  #decoder: WebSocketResponseDecoder | undefined;
  #outgoing: OutgoingMessages | undefined;
  /** When a gateway that drains refused first. */
  #refusedAtMs: number | undefined;

  readonly #incoming = new MessageAssembler();
  #isText = false;
  /** Credit of the message that is not complete. */
  #owedBytes = 0;
  readonly #messages: WaitingMessage[] = [];
  #isWanted = false;
  #isIgnoring = false;
  /** Payload in the bytes being decoded. */
  #payloadBytes = 0;

  constructor(
    sessions: SessionManager,
    request: ExchangeRequest,
    options: ChannelOptions,
    handler: ChannelHandler,
  ) {
    this.#sessions = sessions;
    this.#request = request;
    this.#options = options;
    this.#handler = handler;
  }

  /**
   * Opens it, once.
   *
   * @throws a subclass of HTTPError, or the reason of the request's signal.
   */
  open(): Promise<HandshakeAnswer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      const { signal } = this.#request;
      if (signal?.aborted) {
        this.#over({ error: signal.reason });
        return;
      }
      signal?.addEventListener('abort', this.#abort);
      this.#sessions.acquire(this);
    });
  }

  // Messages.

  /** Whether there is a message to take. */
  get hasMessage(): boolean {
    return this.#messages.length > 0;
  }

  /** The next message, or `undefined` when none is complete. */
  take(): IncomingMessage | undefined {
    const message = this.#messages.shift();
    if (message === undefined) return undefined;
    this.#stream?.consume(message.owedBytes);
    this.#payForPart();
    return message.content;
  }

  /** Whether somebody waits for the next message: nobody does at first. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#payForPart();
  }

  /** Messages that still come are for nobody. Those that are here stay, without holding up what comes behind them. */
  ignore(): void {
    this.#isIgnoring = true;
    this.#incoming.clear();
    this.#stream?.consume(Number.POSITIVE_INFINITY);
    this.#owedBytes = 0;
  }

  /** Sends a message; `left` is called when all of it has left. The content must not change. */
  send(content: Uint8Array | Blob, isText: boolean, left?: () => void): void {
    this.#outgoing?.push(content, isText, left);
  }

  /** Closes, behind all that was sent. */
  close(code: number | undefined, reason: string): void {
    this.#outgoing?.close(code, reason);
  }

  /** Fails the connection: the origin is told the code, and nothing more is heard. */
  failWith(code: number, error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failing';
    this.ignore();
    this.#outgoing?.abort(code);
    this.#handler.ended({ error });
  }

  // Getting a session.

  use(session: ClientSession): boolean {
    const stream = session.openExchange(this);
    if (stream === undefined) return false;
    this.#state = 'asked';
    this.#session = session;
    this.#stream = stream;
    this.#decoder = new WebSocketResponseDecoder(this.#answer);
    const { head, options, context } = this.#request;
    const { protocols, maxMessageBytes } = this.#options;
    const asked: WebSocketOptions = { maxMessageBytes };
    if (options.connectTimeoutMs !== undefined) asked.connectTimeoutMs = options.connectTimeoutMs;
    if (options.readTimeoutMs !== undefined) asked.readTimeoutMs = options.readTimeoutMs;
    if (protocols.length > 0) asked.subprotocols = protocols.join(',');
    const writer = new ByteWriter();
    writeWebSocketRequest(writer, session.contextId(context), asked, head);
    stream.write(writer.take());
    return true;
  }

  /** A session cannot be had. */
  fail(error: HTTPError): void {
    this.#over({ error });
  }

  // The gateway's side.

  data(bytes: Uint8Array, fin: boolean): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (this.#state === 'failing') {
      stream.consume(bytes.length);
      if (fin) this.#over({ error: undefined });
      return;
    }
    this.#payloadBytes = 0;
    try {
      this.#decoder?.push(bytes);
      if (fin) this.#decoder?.finish();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      stream.stopSending(FAILURES.cancelled.code);
      this.#over({
        error: failureError({ name: 'malformed_answer', detail: error.message }, { cause: error }),
      });
      return;
    }
    stream.consume(bytes.length - this.#payloadBytes);
    this.#payForPart();
  }

  reset(code: number): void {
    this.#failOrRepeat(failureError({ name: failureName(code), detail: '' }));
  }

  /** Why nobody wants to hear more, the gateway tells on its own side. */
  stopSending(): void {
    this.#outgoing?.stop();
  }

  writable(): void {
    this.#outgoing?.drained();
  }

  closed(close: SessionClose): void {
    this.#failOrRepeat(closeError(close));
  }

  // What the gateway says: called by the decoder.

  readonly #answer: WebSocketResponseHandler = {
    opened: (metadata, fields) => {
      const protocol = this.#protocolIn(fields);
      this.#state = 'open';
      this.#request.signal?.removeEventListener('abort', this.#abort);
      this.#outgoing = new OutgoingMessages(this.#stream as Stream, {
        left: (bytes) => this.#handler.left(bytes),
        unreadable: (error) => this.failWith(INTERNAL_ERROR, error),
      });
      this.#handler.opened(this, protocol);
      this.#resolve({ metadata, fields });
    },
    part: (opcode, _isFirst, _isLast, length) => {
      this.#isText = opcode === TEXT;
      const total = this.#incoming.length + length;
      const { maxMessageBytes } = this.#options;
      if (total <= maxMessageBytes || this.#isIgnoring) return;
      const detail = `a message must have at most ${maxMessageBytes} bytes (maxMessageBytes), got ${total} or more`;
      this.failWith(MESSAGE_TOO_BIG, failureError({ name: 'websocket_failed', detail }));
    },
    payload: (bytes) => {
      if (this.#isIgnoring) return;
      this.#payloadBytes += bytes.length;
      this.#owedBytes += bytes.length;
      this.#incoming.push(bytes);
    },
    messageEnd: () => {
      if (this.#isIgnoring) return;
      const bytes = this.#incoming.take();
      const content = this.#isText ? decodeText(bytes) : bytes;
      if (content === undefined) {
        const detail = 'the origin sent a text that is not UTF-8';
        this.failWith(INVALID_DATA, failureError({ name: 'websocket_failed', detail }));
        return;
      }
      this.#messages.push({ content, owedBytes: this.#owedBytes });
      this.#owedBytes = 0;
      this.#handler.arrived();
    },
    close: (status) => this.#over({ status }),
    failure: (failure) => this.#failOrRepeat(failureError(failure)),
  };

  /** What an origin must choose from what was offered, and only then. */
  #protocolIn(fields: FieldLines): string {
    const at = fields.indexOf('sec-websocket-protocol');
    const protocol = at < 0 ? '' : (fields[at + 1] as string);
    const { protocols } = this.#options;
    if (at < 0 ? protocols.length === 0 : protocols.includes(protocol)) return protocol;
    throw new WireError(PROTOCOL_VIOLATION, 'subprotocol of a WebSocket must be one that was offered');
  }

  #payForPart(): void {
    if (!this.#isWanted || this.#messages.length > 0 || this.#owedBytes === 0) return;
    const owed = this.#owedBytes;
    this.#owedBytes = 0;
    this.#stream?.consume(owed);
  }

  // Ending.

  readonly #abort = (): void => {
    this.#stream?.stopSending(FAILURES.cancelled.code);
    this.#over({ error: this.#request.signal?.reason });
  };

  /** A gateway that is going away has passed nothing on: the next one is asked. */
  #failOrRepeat(error: HTTPError): void {
    const nowMs = performance.now();
    if (error.code === 'draining') this.#refusedAtMs ??= nowMs;
    const movesOn =
      this.#state === 'asked' &&
      this.#refusedAtMs !== undefined &&
      nowMs - this.#refusedAtMs < DEFAULTS.sessionTimeoutMs;
    if (!movesOn || error.code !== 'draining') {
      this.#over({ error });
      return;
    }
    this.#state = 'waiting';
    this.#session?.drain();
    this.#leaveSession();
    this.#sessions.acquire(this);
  }

  #over(end: ChannelEnd): void {
    const before = this.#state;
    if (before === 'over') return;
    this.#state = 'over';
    this.#request.signal?.removeEventListener('abort', this.#abort);
    if (before === 'waiting') this.#sessions.forget(this);
    this.#outgoing?.stop();
    this.#leaveSession();
    if (before === 'open') this.#handler.ended(end);
    else if (before !== 'failing') this.#reject('error' in end ? end.error : closedEarly());
  }

  #leaveSession(): void {
    const session = this.#session;
    const stream = this.#stream;
    this.#session = undefined;
    this.#stream = undefined;
    this.#decoder = undefined;
    if (stream !== undefined) {
      // Messages that nobody has taken must not hold credit that others need.
      stream.consume(Number.POSITIVE_INFINITY);
      // Does nothing where our side has ended.
      stream.reset(FAILURES.cancelled.code);
      stream.handler = DEAF;
    }
    session?.exchangeEnded();
  }
}

/** No gateway closes what it has not opened. */
function closedEarly(): HTTPError {
  return failureError({ name: 'malformed_answer', detail: 'the WebSocket was closed before it was open' });
}

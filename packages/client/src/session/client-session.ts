import {
  ByteWriter,
  ControlDecoder,
  defaultParameters,
  FAILURES,
  type Failure,
  failureName,
  type GatewayMessage,
  PROTOCOL_VERSION,
  parseGatewayMessage,
  Session,
  type SessionClose,
  STREAM_KINDS,
  type Stream,
  type StreamHandler,
  transportErrorName,
  WireError,
  writeControlMessage,
} from '@hip/wire';
import { DEFAULTS } from '../defaults.ts';
import { failureError, type HTTPError } from '../errors.ts';
import type { Transport, TransportHandler } from '../transport/transport.ts';
import type { ManagerContext } from './manager-context.ts';

/** Bytes the transport may hold unsent before records wait: a socket's worth, so that a small request is not stuck behind it. */
const TRANSPORT_HIGH_WATER_BYTES = 262_144;

/** Pause before asking a full transport again, in milliseconds: no platform tells when it has drained. */
const TRANSPORT_POLL_MS = 1;

/** What the session manager learns from a session. */
export interface ClientSessionHandler {
  /** Exchanges may be opened; whether the gateway takes the token is not known yet. */
  open(session: ClientSession): void;
  /** The gateway has taken the token. */
  accepted(session: ClientSession): void;
  /** Exchanges may be opened again after the last refusal. */
  streamsAvailable(session: ClientSession): void;
  /** The gateway wants new exchanges to go elsewhere. */
  draining(session: ClientSession): void;
  /** The last exchange has ended. */
  idle(session: ClientSession): void;
  /** The session is over; `error` says why new exchanges on it would fail. */
  closed(session: ClientSession, error: HTTPError): void;
}

/** Opens a transport; the seam that tests and other platforms replace. */
export type OpenTransport = (url: string, handler: TransportHandler) => Transport;

/** I/O shell around the wire's session core: one transport, one control stream, many exchanges. */
export class ClientSession {
  readonly #handler: ClientSessionHandler;
  readonly #token: string | undefined;
  readonly #transport: Transport;
  readonly #core: Session;
  readonly #writer = new ByteWriter();
  readonly #contexts = new Map<ManagerContext, number>();

  #control: Stream | undefined;
  #state: 'connecting' | 'open' | 'draining' | 'closed' = 'connecting';
  #exchanges = 0;
  #refusal: Failure | undefined;
  #transportOpen = false;
  #flushing = false;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;

  /** Starts connecting at once. */
  constructor(
    url: string,
    token: string | undefined,
    openTransport: OpenTransport,
    handler: ClientSessionHandler,
  ) {
    this.#handler = handler;
    this.#token = token;
    this.#core = new Session({
      perspective: 'client',
      parameters: defaultParameters('client'),
      now: () => performance.now(),
      handler: {
        ready: () => this.#open(),
        // The core refuses streams of the gateway: our parameters allow none.
        stream: () => REFUSES_STREAMS,
        streamsAvailable: () => this.#handler.streamsAvailable(this),
        wantsToSend: () => this.#scheduleFlush(),
        closed: (close) => this.#closed(close),
      },
    });
    this.#transport = openTransport(url, {
      opened: () => {
        this.#transportOpen = true;
        this.#flush();
      },
      record: (record) => this.#core.receive(record),
      closed: (reason) => this.#core.transportLost(reason),
    });
  }

  /** Whether a new exchange may be opened now. */
  get isAvailable(): boolean {
    return this.#state === 'open' && this.#core.streamsAvailable > 0;
  }

  /** Whether the session may yet take exchanges. */
  get isUsable(): boolean {
    return this.#state === 'connecting' || this.#state === 'open';
  }

  /** Exchanges under way. */
  get exchangeCount(): number {
    return this.#exchanges;
  }

  /** Opens the stream of an exchange. Ask {@link ClientSession.isAvailable} first. */
  openExchange(handler: StreamHandler): Stream {
    const stream = this.#core.openStream(handler);
    if (stream === undefined)
      throw new Error('session has no stream to give: isAvailable must be asked first');
    this.#exchanges++;
    return stream;
  }

  /** The exchange of a stream is over. */
  exchangeEnded(): void {
    this.#exchanges--;
    if (this.#exchanges === 0) this.#handler.idle(this);
  }

  /** Number exchanges of this session name `context` by; declares it the first time. */
  contextId(context: ManagerContext): number {
    const known = this.#contexts.get(context);
    if (known !== undefined) return known;
    const id = this.#contexts.size + 1;
    this.#contexts.set(context, id);
    this.#say({ type: 'context', id, ...context });
    return id;
  }

  /** The gateway may forget `context`. */
  releaseContext(context: ManagerContext): void {
    const id = this.#contexts.get(context);
    if (id !== undefined && this.#state !== 'closed') this.#say({ type: 'release', id });
  }

  /** Ends the session; exchanges under way fail. */
  close(): void {
    this.#core.close(FAILURES.cancelled.code, 'the client is done');
  }

  // Control stream.

  #open(): void {
    const decoder = new ControlDecoder(parseGatewayMessage, (message) => this.#hear(message));
    this.#control = this.#core.openStream({
      data: (bytes, fin) => {
        this.#control?.consume(bytes.length);
        try {
          decoder.push(bytes);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          this.#core.fail(error.code, error.message);
        }
        if (fin) this.#core.fail('PROTOCOL_VIOLATION', 'the control stream must stay open');
      },
      reset: () => this.#core.fail('PROTOCOL_VIOLATION', 'the control stream must stay open'),
      stopSending: () => this.#core.fail('PROTOCOL_VIOLATION', 'the control stream must stay open'),
      writable: () => {},
      closed: () => {},
    });
    if (this.#control === undefined) {
      this.#core.fail('STREAM_LIMIT_ERROR', 'the gateway must allow a control stream');
      return;
    }
    this.#control.write(Uint8Array.of(STREAM_KINDS.control));
    this.#say({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      client: DEFAULTS.userAgent,
      ...(this.#token === undefined ? {} : { token: this.#token }),
    });
    this.#state = 'open';
    this.#core.ping();
    this.#pingTimer = setInterval(() => this.#checkLife(), DEFAULTS.pingIntervalMs);
    this.#handler.open(this);
  }

  #say(message: Parameters<typeof writeControlMessage>[1]): void {
    writeControlMessage(this.#writer, message);
    this.#control?.write(this.#writer.take());
  }

  #hear(message: GatewayMessage): void {
    switch (message.type) {
      case 'ready':
        this.#handler.accepted(this);
        return;
      case 'drain':
        if (this.#state !== 'open') return;
        this.#state = 'draining';
        this.#handler.draining(this);
        if (this.#exchanges === 0) this.close();
        return;
      case 'failure':
        // The gateway closes the session itself when the failure is one of the whole session.
        this.#refusal = { name: message.name, detail: message.detail };
    }
  }

  // Life.

  #checkLife(): void {
    if (this.#core.silentMs > DEFAULTS.pingTimeoutMs) {
      this.#core.transportLost('the gateway does not answer');
      this.#transport.close('no answer');
      return;
    }
    if (this.#exchanges > 0) this.#core.ping();
  }

  #closed(close: SessionClose): void {
    this.#state = 'closed';
    clearInterval(this.#pingTimer);
    this.#flush();
    this.#transport.close(close.reason);
    this.#handler.closed(this, closeError(close, this.#refusal));
  }

  // Sending: everything written in one turn of the event loop leaves in one message.

  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#transportOpen || this.#flushTimer !== undefined) return;
    for (;;) {
      if (this.#transport.bufferedBytes > TRANSPORT_HIGH_WATER_BYTES) {
        this.#flushTimer = setTimeout(() => {
          this.#flushTimer = undefined;
          this.#flush();
        }, TRANSPORT_POLL_MS);
        return;
      }
      const record = this.#core.nextRecord();
      if (record === undefined) return;
      this.#transport.send(record);
    }
  }
}

const REFUSES_STREAMS: StreamHandler = {
  data() {},
  reset() {},
  stopSending() {},
  writable() {},
  closed() {},
};

/** Why exchanges of a session that ended like this fail. */
export function closeError(close: SessionClose, refusal?: Failure): HTTPError {
  if (refusal !== undefined) return failureError(refusal);
  if (close.initiator === 'peer' && close.application) {
    return failureError({ name: failureName(close.code), detail: close.reason });
  }
  const who = { local: 'we closed it', peer: 'the gateway closed it', transport: 'the connection broke' }[
    close.initiator
  ];
  const code =
    close.application || close.initiator === 'transport' ? '' : ` with ${transportErrorName(close.code)}`;
  return failureError({ name: 'session_lost', detail: `the session ended, ${who}${code}: ${close.reason}` });
}

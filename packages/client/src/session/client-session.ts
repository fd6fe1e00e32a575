import {
  ByteWriter,
  type ClientMessage,
  CONTROL_STREAM,
  ControlDecoder,
  clientParameters,
  FAILURES,
  type Failure,
  failureName,
  type GatewayMessage,
  maxStreams,
  PROTOCOL_VERSION,
  PROTOCOL_VIOLATION,
  parseGatewayMessage,
  Session,
  type SessionClose,
  STREAM_LIMIT_ERROR,
  type Stream,
  type StreamHandler,
  WireError,
  writeControlMessage,
} from '@hip/wire';
import * as DEFAULTS from '../defaults.ts';
import { failureError, type HTTPError } from '../errors.ts';
import type { Transport, TransportHandler } from '../transport/transport.ts';
import type { ContextOrder, ContextSettings, ManagerContext } from './manager-context.ts';

/**
 * Bytes the transport may hold unsent before records wait. Credit keeps a single stream below it, so that nothing is
 * polled; it bounds what many uploads at once pile up in front of a small request.
 */
const TRANSPORT_HIGH_WATER_BYTES = 1_048_576;

/** Pause before asking a full transport again, in milliseconds: no platform tells when it has drained. */
const TRANSPORT_POLL_MS = 1;

/** What the session manager learns from a session. */
export interface ClientSessionHandler {
  /** Exchanges may be opened; whether the gateway takes the token is not known yet. */
  open(session: ClientSession): void;
  /** The gateway has taken the token; `features` are the names of its abilities. */
  accepted(session: ClientSession, features: readonly string[]): void;
  /** Exchanges may be opened again after the last refusal. */
  streamsAvailable(session: ClientSession): void;
  /** The gateway wants new exchanges to go elsewhere. */
  draining(session: ClientSession): void;
  /** The session is over; `error` says why new exchanges on it would fail. */
  closed(session: ClientSession, error: HTTPError): void;
}

/**
 * How often it is looked whether something was heard, in milliseconds. Looks are counted, not time: after a process has
 * slept or was busy, what came meanwhile is read before the next one.
 */
const LOOK_MS = 1_000;

/** Events of a page or worker after which a session may turn out to be dead. */
const WAKING = ['online', 'visibilitychange'];

/** What a timer is: in Node it may let the process end. */
type LifeTimer = ReturnType<typeof setInterval> & { ref?(): void; unref?(): void };

/** Opens a transport; the seam that tests and other platforms replace. */
export type OpenTransport = (url: string, handler: TransportHandler) => Transport;

/** I/O shell around the wire's session core: one transport, one control stream, many exchanges. */
export class ClientSession {
  /** URL of the gateway, and what carries the session. */
  readonly via: readonly [gateway: string, transport: Transport['name']];
  readonly #handler: ClientSessionHandler;
  readonly #token: string | undefined;
  readonly #transport: Transport;
  readonly #core: Session;
  readonly #writer = new ByteWriter();
  /** Numbers of what was declared: contexts, and other settings of one. */
  readonly #declared = new Map<ManagerContext | ContextSettings, number>();
  #lastId = 0;

  #control: Stream | undefined;
  #state: 'connecting' | 'open' | 'draining' | 'closed' = 'connecting';
  #exchanges = 0;
  /** Whether an exchange was refused because as many as may be are under way. */
  #isFull = false;
  #acceptedAtMs = Number.POSITIVE_INFINITY;
  #idleSinceMs = 0;
  #refusal: Failure | undefined;
  #transportOpen = false;
  #flushing = false;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  /** It holds a Node process while there are exchanges: the socket does not. */
  #lifeTimer: LifeTimer | undefined;
  /** When a record came last. Of the clock that goes on while a machine sleeps. */
  #heardAtMs = 0;
  /** Runs while something of the gateway must be heard. */
  #lookTimer: LifeTimer | undefined;
  #isDoubtful = false;

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
      parameters: clientParameters(),
      now: () => performance.now(),
      handler: {
        ready: () => this.#open(),
        // Never asked for: the core refuses streams of the gateway.
        stream: () => DEAF,
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
      record: (record) => {
        this.#heard();
        this.#core.receive(record);
      },
      closed: (reason) => this.#core.transportLost(reason),
    });
    this.via = [url, this.#transport.name];
    this.#mustHear(DEFAULTS.sessionTimeoutMs);
  }

  /** Time since the gateway took the token, in milliseconds; negative when it has not. */
  get ageMs(): number {
    return performance.now() - this.#acceptedAtMs;
  }

  /** Whether it was silent for so long that it may well be dead, and has not answered yet. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /**
   * Opens the stream of an exchange, or gives `undefined` when there is none to give:
   * {@link ClientSessionHandler.streamsAvailable} tells when there is. A gateway may allow more streams than our own
   * credit is counted for; beyond them an unread body could hold up another. And what must not be sent twice is not given
   * to a session that may be dead.
   */
  openExchange(handler: StreamHandler, isRepeatable = false): Stream | undefined {
    if (this.#exchanges === 0) this.#wake();
    if (this.#exchanges >= maxStreams || (this.#isDoubtful && !isRepeatable)) {
      this.#isFull = true;
      return undefined;
    }
    const stream = this.#state === 'open' ? this.#core.openStream(handler) : undefined;
    if (stream !== undefined && this.#exchanges++ === 0) this.#lifeTimer?.ref?.();
    return stream;
  }

  /** The exchange of a stream is over. */
  exchangeEnded(): void {
    this.#exchanges--;
    if (this.#isFull) {
      this.#isFull = false;
      this.#handler.streamsAvailable(this);
    }
    if (this.#exchanges > 0) return;
    this.#idle();
    if (this.#state === 'draining') this.close();
    // Now there is nothing in the way: beside a download a round trip measures its queue.
    else if (this.#core.needsRoundTrips) this.#core.ping();
  }

  /** The gateway takes no new exchanges: what is under way may finish. */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#handler.draining(this);
    if (this.#exchanges === 0) this.close();
  }

  /** Number exchanges of this session name `context` by; declares it the first time. */
  contextId(context: ManagerContext | ContextSettings): number {
    const known = this.#declared.get(context);
    if (known !== undefined) return known;
    const parent = 'context' in context ? this.contextId(context.context) : undefined;
    const id = ++this.#lastId;
    this.#declared.set(context, id);
    const type = parent === undefined ? 'context' : 'settings';
    this.#say({ type, id, ...context, context: parent } as ClientMessage);
    return id;
  }

  /** Tells the gateway something about `context`, if it knows it from this session; whether it does. */
  tell(context: ManagerContext | ContextSettings, order: ContextOrder): boolean {
    const id = this.#declared.get(context);
    if (id === undefined || this.#state === 'closed') return false;
    if (order.type === 'release') this.#declared.delete(context);
    this.#say({ ...order, id });
    return true;
  }

  /** Ends the session; exchanges under way fail. Nobody comes back for what it has declared. */
  close(): void {
    for (const context of this.#declared.keys()) this.tell(context, { type: 'release' });
    this.#end();
  }

  #end(): void {
    // What the session core has not put into records when it is closed never leaves.
    this.#flush();
    this.#core.close(FAILURES.cancelled.code, 'the client is done');
  }

  // Control stream.

  #open(): void {
    const decoder = new ControlDecoder(parseGatewayMessage, (message) => this.#hear(message));
    const mustStayOpen = (): void => this.#core.fail(PROTOCOL_VIOLATION, 'the control stream must stay open');
    this.#control = this.#core.openStream({
      ...DEAF,
      data: (bytes, fin) => {
        this.#control?.consume(bytes.length);
        try {
          decoder.push(bytes);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          this.#core.fail(error.code, error.message);
        }
        if (fin) mustStayOpen();
      },
      reset: mustStayOpen,
      stopSending: mustStayOpen,
    });
    if (this.#control === undefined) {
      this.#core.fail(STREAM_LIMIT_ERROR, 'the gateway must allow a control stream');
      return;
    }
    this.#control.write(Uint8Array.of(CONTROL_STREAM));
    this.#say({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      client: DEFAULTS.userAgent,
      ...(this.#token === undefined ? {} : { token: this.#token }),
    });
    this.#state = 'open';
    this.#core.ping();
    for (const event of WAKING) globalThis.addEventListener?.(event, this.#wake);
    this.#lifeTimer = setInterval(() => this.#checkLife(), DEFAULTS.pingIntervalMs) as LifeTimer;
    this.#idle();
    this.#handler.open(this);
  }

  #say(message: Parameters<typeof writeControlMessage>[1]): void {
    writeControlMessage(this.#writer, message);
    this.#control?.write(this.#writer.take());
  }

  #hear(message: GatewayMessage): void {
    switch (message.type) {
      case 'ready':
        this.#acceptedAtMs = performance.now();
        this.#handler.accepted(this, message.features);
        return;
      case 'drain':
        this.drain();
        return;
      case 'failure':
        // The gateway closes the session itself when the failure is one of the whole session. One of a context is told
        // to the exchanges that name it.
        if (message.context === undefined) this.#refusal = { name: message.name, detail: message.detail };
    }
  }

  // Life.

  #idle(): void {
    this.#idleSinceMs = performance.now();
    this.#lifeTimer?.unref?.();
  }

  #checkLife(): void {
    if (this.#exchanges > 0) this.#ask(DEFAULTS.pingTimeoutMs);
    else if (performance.now() - this.#idleSinceMs >= DEFAULTS.sessionIdleMs) this.#end();
  }

  /** There is work, or a person is back: is the session still there? */
  readonly #wake = (): void => {
    this.#isDoubtful = this.#ask(DEFAULTS.wakeTimeoutMs) > DEFAULTS.doubtMs;
  };

  /** Asks for a sign of life unless there was one just now; gives how long that is ago. */
  #ask(timeoutMs: number): number {
    const silentMs = Date.now() - this.#heardAtMs;
    if (this.#state !== 'open' || silentMs < DEFAULTS.pingIntervalMs / 2) return 0;
    if (this.#lookTimer === undefined) {
      this.#core.ping();
      this.#mustHear(timeoutMs);
    }
    return silentMs;
  }

  /** Without a record within `timeoutMs`, or progress of what we send, the session counts as lost. */
  #mustHear(timeoutMs: number): void {
    let looks = 0;
    let buffered = 0;
    this.#lookTimer = setInterval(() => {
      const { bufferedBytes } = this.#transport;
      if (bufferedBytes < buffered) looks = 0;
      buffered = bufferedBytes;
      if (++looks * LOOK_MS >= timeoutMs) this.#core.transportLost('the gateway does not answer');
    }, LOOK_MS) as LifeTimer;
    this.#lookTimer.unref?.();
  }

  #heard(): void {
    this.#heardAtMs = Date.now();
    if (this.#lookTimer === undefined) return;
    this.#lookTimer = clearInterval(this.#lookTimer) as undefined;
    if (!this.#isDoubtful) return;
    this.#isDoubtful = false;
    this.#handler.streamsAvailable(this);
  }

  #closed(close: SessionClose): void {
    this.#state = 'closed';
    clearInterval(this.#lifeTimer);
    clearInterval(this.#lookTimer);
    for (const event of WAKING) globalThis.removeEventListener?.(event, this.#wake);
    this.#flushLast();
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
      this.#core.recordSent(record);
    }
  }

  /** Sends what is left when the session has ended, however full the transport is: a CONNECTION_CLOSE at most. */
  #flushLast(): void {
    clearTimeout(this.#flushTimer);
    if (!this.#transportOpen) return;
    for (let record = this.#core.nextRecord(); record !== undefined; record = this.#core.nextRecord()) {
      this.#transport.send(record);
    }
  }
}

/** Hears nothing. */
export const DEAF: StreamHandler = {
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
    close.application || close.initiator === 'transport' ? '' : ` with transport error ${close.code}`;
  return failureError({ name: 'session_lost', detail: `the session ended, ${who}${code}: ${close.reason}` });
}

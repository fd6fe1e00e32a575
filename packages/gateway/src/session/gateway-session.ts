import {
  ByteWriter,
  type ClientMessage,
  CONTROL_STREAM,
  type ContextMessage,
  ControlDecoder,
  EXCHANGE_STREAM,
  FAILURES,
  type Failure,
  type FailureName,
  failureText,
  gatewayParameters,
  PeerStreams,
  PROTOCOL_VERSION,
  PROTOCOL_VIOLATION,
  parseClientMessage,
  Session,
  type SessionClose,
  type SettingsMessage,
  type Stream,
  type StreamHandler,
  WEBSOCKET_STREAM,
  WireError,
  writeControlMessage,
  writeExchangeFailure,
} from '@hip/wire';
import { tlsFeatures } from '../connect/tls-features.ts';
import { INTERNALS } from '../defaults.ts';
import { Exchange, type ExchangeHost } from '../exchange/exchange.ts';
import type { Logger } from '../logger.ts';
import type { GatewayLimits, GatewayTimeouts } from '../options.ts';
import { type WebSocketEnvironment, WebSocketExchange } from '../websocket/websocket-exchange.ts';
import type { Authenticator } from './authenticate.ts';
import type { RecordCarrier } from './record-carrier.ts';
import { type ContextRequest, SessionContexts, type SessionContextsOptions } from './session-contexts.ts';
import { StreamOpening } from './stream-opening.ts';

/** Bytes the carrier may hold unsent before records wait: a slow client is held here, not in our memory. */
const CARRIER_HIGH_WATER_BYTES = 262_144;

/** What all sessions of a gateway share. */
export interface SessionEnvironment extends Omit<WebSocketEnvironment, 'log'>, SessionContextsOptions {
  readonly authenticate: Authenticator;
  readonly limits: GatewayLimits;
  readonly timeouts: GatewayTimeouts;
  readonly log: Logger;
  /** Name and version, as `ready` tells it. */
  readonly software: string;
}

/**
 * I/O shell around the wire's session core, on the gateway's side: control stream, contexts, exchanges.
 *
 *     greeting ──hello accepted──▶ open ──drain()──▶ leaving ──client knows──▶ draining ──last exchange ended──▶ closed
 *        └──refused, 5 s──▶ closed
 */
export class GatewaySession {
  readonly #environment: SessionEnvironment;
  readonly #carrier: RecordCarrier;
  readonly #onClosed: (session: GatewaySession) => void;
  readonly #core: Session;
  readonly #writer = new ByteWriter();

  #state: 'greeting' | 'open' | 'leaving' | 'draining' | 'closed' = 'greeting';
  #control: Stream | undefined;
  readonly #contexts: SessionContexts;
  /** WebSockets among them. */
  readonly #exchanges = new Set<StreamHandler>();
  readonly #webSockets = new Set<WebSocketExchange>();

  readonly #helloTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;
  /** Runs while the client owes a sign of life. */
  #silenceTimer: NodeJS.Timeout | undefined;
  /** The ping behind `drain`: once it is answered, the client knows. */
  #drainPing = 0;
  #drainTimer: NodeJS.Timeout | undefined;
  #flushScheduled = false;
  readonly #inFlight: Uint8Array<ArrayBuffer>[] = [];

  /** Greets at once: our transport parameters leave right behind the upgrade response. */
  constructor(
    environment: SessionEnvironment,
    carrier: RecordCarrier,
    onClosed: (session: GatewaySession) => void,
  ) {
    this.#environment = environment;
    this.#carrier = carrier;
    this.#onClosed = onClosed;
    this.#contexts = new SessionContexts(environment);
    // One more than exchanges: the control stream.
    const maxStreams = environment.limits.maxStreamsPerSession + 1;
    this.#core = new Session({
      perspective: 'gateway',
      parameters: gatewayParameters(maxStreams),
      peerStreams: new PeerStreams(maxStreams),
      now: () => performance.now(),
      handler: {
        ready: () => {},
        stream: (stream) => this.#accept(stream),
        streamsAvailable: () => {},
        wantsToSend: () => this.#scheduleFlush(),
        closed: (close) => this.#closed(close),
      },
    });
    this.#helloTimer = setTimeout(() => this.#end('hello_timeout', ''), environment.timeouts.helloTimeoutMs);
    this.#pingTimer = setInterval(() => this.#checkLife(), environment.timeouts.pingIntervalMs);
    this.#flush();
  }

  /** Exchanges under way, WebSockets among them. */
  get exchangeCount(): number {
    return this.#exchanges.size;
  }

  /** One message of the carrier. */
  receive(record: Uint8Array): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = undefined;
    this.#core.receive(record);
    if (this.#state === 'leaving' && this.#core.answeredPing >= this.#drainPing) this.#refuseNew();
  }

  /** The carrier sent something no session does. */
  fail(reason: string): void {
    this.#core.fail(PROTOCOL_VIOLATION, reason);
  }

  /** The carrier is gone. */
  carrierClosed(reason: string): void {
    this.#core.transportLost(reason);
  }

  /**
   * Sends the client elsewhere; closes when the last exchange has ended. What the client began before it could know is
   * served like everything before (RFC 9113 §6.8 asks for a round trip, too): a body that was sent once cannot be sent
   * again. WebSockets, which may never end, are closed then.
   */
  drain(deadlineMs: number): void {
    if (this.#state === 'greeting') {
      this.#contexts.refuseHeld(() => ({ name: 'draining', detail: '' }));
      this.#refuseNew();
    }
    if (this.#state !== 'open') return;
    this.#state = 'leaving';
    this.#say({ type: 'drain', deadlineMs });
    // The ping must not overtake it.
    this.#flush();
    this.#drainPing = this.#core.ping();
    this.#drainTimer = setTimeout(() => this.#refuseNew(), INTERNALS.drainRoundTripMs);
  }

  /** From now on new exchanges are refused. */
  #refuseNew(): void {
    this.#state = 'draining';
    clearTimeout(this.#drainTimer);
    for (const webSocket of this.#webSockets) webSocket.goAway();
    this.#closeIfDrained();
  }

  /**
   * Ends the session, whatever is under way. Each exchange is told whether its origin may have seen it; of what the client
   * hears nothing, nothing has begun.
   */
  close(): void {
    this.#state = 'draining';
    for (const webSocket of this.#webSockets) webSocket.goAway();
    for (const exchange of [...this.#exchanges]) if (exchange instanceof Exchange) exchange.shutDown();
    this.#flush(Number.POSITIVE_INFINITY);
    this.#end(this.#isIdle ? 'draining' : 'session_lost', 'the gateway is shutting down');
  }

  /** Ends a session for which there is no room, before it has begun. */
  turnAway(): void {
    this.#end('session_limit', '');
  }

  // Streams.

  #accept(stream: Stream): StreamHandler {
    return new StreamOpening(stream, (kind) => this.#open(stream, kind));
  }

  /** What a new stream is for, told by its first byte. */
  #open(stream: Stream, kind: number): StreamHandler | undefined {
    if (kind === CONTROL_STREAM) return this.#openControl(stream);
    if (kind === EXCHANGE_STREAM) {
      return this.#openExchange(stream, (host) => new Exchange(stream, this.#environment, host));
    }
    if (kind === WEBSOCKET_STREAM)
      return this.#openExchange(stream, (host) => this.#openWebSocket(stream, host));
    this.#refuse(stream, { name: 'unsupported_stream', detail: `stream kind ${kind}` });
    return undefined;
  }

  #openControl(stream: Stream): StreamHandler | undefined {
    if (this.#control !== undefined || stream.id !== 0) {
      this.#core.fail(PROTOCOL_VIOLATION, 'the control stream must be the first stream, once');
      return undefined;
    }
    this.#control = stream;
    const decoder = new ControlDecoder(parseClientMessage, (message) => this.#hear(message));
    const mustStayOpen = (): void => this.#core.fail(PROTOCOL_VIOLATION, 'the control stream must stay open');
    return {
      data: (bytes, fin) => {
        stream.consume(bytes.length);
        try {
          decoder.push(bytes);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          this.#end('malformed_control', error.message);
        }
        if (fin) mustStayOpen();
      },
      reset: mustStayOpen,
      stopSending: mustStayOpen,
      writable: () => {},
      closed: () => {},
    };
  }

  #openExchange(stream: Stream, open: (host: ExchangeHost) => StreamHandler): StreamHandler | undefined {
    if (this.#state === 'draining') {
      this.#refuse(stream, { name: 'draining', detail: '' });
      return undefined;
    }
    let request: ContextRequest | undefined;
    const exchange: StreamHandler = open({
      pools: (contextId, grant, refuse) => {
        request = { contextId, grant, refuse };
        this.#contexts.find(request);
      },
      ended: () => {
        if (request !== undefined) this.#contexts.forget(request);
        this.#exchanges.delete(exchange);
        this.#closeIfDrained();
      },
    });
    this.#exchanges.add(exchange);
    return exchange;
  }

  #openWebSocket(stream: Stream, host: ExchangeHost): StreamHandler {
    const webSocket: WebSocketExchange = new WebSocketExchange(stream, this.#environment, {
      ...host,
      ended: () => {
        this.#webSockets.delete(webSocket);
        host.ended();
      },
    });
    this.#webSockets.add(webSocket);
    return webSocket;
  }

  #refuse(stream: Stream, failure: Failure): void {
    writeExchangeFailure(this.#writer, failure);
    stream.end(this.#writer.take());
    stream.stopSending(FAILURES[failure.name].code);
  }

  // Control stream.

  #hear(message: ClientMessage): void {
    if (this.#state === 'closed') return;
    if (message.type === 'hello') {
      this.#greet(message.protocol, message.token, message.client);
    } else if (!this.#contexts.isAccepted) {
      this.#end('unauthenticated', 'hello must come before everything else');
    } else if (message.type === 'release') {
      this.#contexts.release(message.id);
    } else {
      const fault = this.#contexts.fault(message);
      if (fault !== undefined) this.#end('malformed_control', fault);
      else if (message.type === 'clear' || message.type === 'close') this.#contexts.clear(message);
      else this.#declare(message);
    }
  }

  #declare(message: ContextMessage | SettingsMessage): void {
    const failure = this.#contexts.declare(message);
    if (failure === undefined) return;
    this.#say({ type: 'failure', name: failure.name, detail: failureText(failure), context: message.id });
  }

  #greet(protocol: number, token: string | undefined, client: string): void {
    const { authenticate, limits, software, log } = this.#environment;
    if (this.#contexts.isAccepted) {
      this.#end('malformed_control', 'hello must come once');
      return;
    }
    if (protocol !== PROTOCOL_VERSION) {
      this.#end('malformed_control', `protocol must be ${PROTOCOL_VERSION}, got ${protocol}`);
      return;
    }
    const subject = authenticate(token);
    if (subject === undefined) {
      log.warn({}, token === undefined ? 'session refused: no token' : 'session refused: wrong token');
      this.#end('unauthenticated', token === undefined ? 'none was given' : '');
      return;
    }
    clearTimeout(this.#helloTimer);
    this.#contexts.accept(subject);
    log.info({ subject: subject.name, client: client.slice(0, 64) }, 'session accepted');
    this.#say({
      type: 'ready',
      protocol: PROTOCOL_VERSION,
      gateway: software,
      limits: { maxHeadBytes: limits.maxHeadBytes, maxStreams: limits.maxStreamsPerSession },
      features: tlsFeatures(),
    });
    if (this.#state === 'greeting') this.#state = 'open';
  }

  #say(message: Parameters<typeof writeControlMessage>[1]): void {
    writeControlMessage(this.#writer, message);
    this.#control?.write(this.#writer.take());
  }

  // Life.

  #checkLife(): void {
    this.#core.ping();
    this.#silenceTimer ??= setTimeout(() => {
      // After the next poll: what came while this process was busy counts.
      setImmediate(() => {
        if (this.#silenceTimer !== undefined) this.#core.transportLost('the client does not answer');
      });
    }, this.#environment.timeouts.pingTimeoutMs);
  }

  /** Whether nothing is under way. An exchange that has ended may still have bytes to send: its stream ends with them. */
  get #isIdle(): boolean {
    return this.#exchanges.size === 0 && this.#core.streamCount <= (this.#control === undefined ? 0 : 1);
  }

  #closeIfDrained(): void {
    if (this.#state === 'draining' && this.#isIdle) this.#end('draining', '');
  }

  #end(name: FailureName, detail: string): void {
    this.#core.close(FAILURES[name].code, failureText({ name, detail }));
  }

  #closed(close: SessionClose): void {
    const isLeaving = this.#state === 'leaving' || this.#state === 'draining';
    this.#state = 'closed';
    clearTimeout(this.#helloTimer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = undefined;
    clearTimeout(this.#drainTimer);
    this.#contexts.close();
    this.#environment.log.info(
      { initiator: close.initiator, code: close.code, reason: close.reason },
      'session ended',
    );
    this.#flush(Number.POSITIVE_INFINITY);
    this.#carrier.close(close.reason, isLeaving);
    this.#onClosed(this);
  }

  // Sending: what the origins of one poll of the event loop answered leaves in as few messages as will hold it.

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  /** The carrier is done with the oldest record it has. */
  readonly #sent = (): void => {
    const record = this.#inFlight.shift();
    if (record !== undefined) this.#core.recordSent(record);
    if (this.#carrier.bufferedBytes < CARRIER_HIGH_WATER_BYTES / 2) this.#flush();
  };

  /** @param highWaterBytes - the last words of a session leave however much is before them. */
  #flush(highWaterBytes: number = CARRIER_HIGH_WATER_BYTES): void {
    while (this.#carrier.bufferedBytes <= highWaterBytes) {
      const record = this.#core.nextRecord();
      if (record === undefined) {
        this.#closeIfDrained();
        return;
      }
      this.#inFlight.push(record);
      this.#carrier.send(record, this.#sent);
    }
  }
}

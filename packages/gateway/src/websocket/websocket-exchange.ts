import {
  type CloseStatus,
  FAILURES,
  type Failure,
  MessageError,
  type MessageOpcode,
  PROTOCOL_VIOLATION,
  type RequestHead,
  type ResponseMetadata,
  type Stream,
  type StreamHandler,
  UnknownOptionError,
  type WebSocketOptions,
  WebSocketRequestDecoder,
  type WebSocketRequestHandler,
  WireError,
} from '@hip/wire';
import type { ConnectionInfo, Connector } from '../connect/connector.ts';
import { FailureError, type NotedFailure } from '../errors.ts';
import type { ExchangeEnvironment, ExchangeHost } from '../exchange/exchange.ts';
import { tlsMetadata } from '../exchange/tls-metadata.ts';
import type { EgressPolicy } from '../policy/egress-policy.ts';
import type { PoolSettings } from '../pool/pool-settings.ts';
import { MessageRelay } from './message-relay.ts';
import { type HandshakeAnswer, openingHandshake } from './opening-handshake.ts';
import { OriginWebSocket } from './origin-websocket.ts';
import { planWebSocket, type WebSocketPlan } from './websocket-plan.ts';

/** What all WebSockets share. */
export interface WebSocketEnvironment extends ExchangeEnvironment {
  readonly connector: Connector;
}

/** What an origin is told when its client is not there any more (RFC 6455 §7.4.1). */
const GOING_AWAY: CloseStatus = { code: 1001, reason: '' };

/**
 * One WebSocket of a client with an origin, on one stream. It has a connection of its own, which comes from no pool and
 * goes back to none.
 *
 *     reading ──request──▶ waiting ──settings──▶ connecting ──101──▶ open ──close, failure, client gone──▶ over
 *        └──malformed────────┴──refused────────────┴──failure, client gone────────────────────────────────▲
 */
export class WebSocketExchange implements StreamHandler, WebSocketRequestHandler {
  readonly #stream: Stream;
  readonly #environment: WebSocketEnvironment;
  readonly #host: ExchangeHost;
  readonly #decoder: WebSocketRequestDecoder;
  readonly #relay: MessageRelay;
  readonly #givenUp = new AbortController();

  #state: 'reading' | 'waiting' | 'connecting' | 'open' | 'over' = 'reading';
  #options: WebSocketOptions = {};
  #head: RequestHead | undefined;
  #origin: OriginWebSocket | undefined;
  /** Payload in the bytes being decoded, and payload whose credit the origin's socket owes. */
  #payloadBytes = 0;
  #owedBytes = 0;
  #isBlocked = false;

  /** @param stream - just opened; its kind has been read. */
  constructor(stream: Stream, environment: WebSocketEnvironment, host: ExchangeHost) {
    this.#stream = stream;
    this.#environment = environment;
    this.#host = host;
    this.#decoder = new WebSocketRequestDecoder(this, environment.limits.maxHeadBytes);
    this.#relay = new MessageRelay(stream);
  }

  /** The gateway is going away: both sides are told. One that is not open yet is for another gateway. */
  goAway(): void {
    if (this.#state !== 'open') {
      this.#fail({ name: 'draining', detail: '' });
      return;
    }
    this.#relay.close({ code: GOING_AWAY.code, reason: 'the gateway is going away' });
    this.#leave();
  }

  // The client's side.

  data(bytes: Uint8Array, fin: boolean): void {
    if (this.#state === 'over') return;
    this.#payloadBytes = 0;
    this.#origin?.cork();
    try {
      this.#decoder.push(bytes);
      if (fin) this.#decoder.finish();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fail(malformedRequest(error));
    } finally {
      this.#origin?.uncork();
    }
    // Payload gives its credit back when the origin takes it; everything around it, now.
    this.#stream.consume(bytes.length - this.#payloadBytes);
    this.#owedBytes += this.#payloadBytes;
    if (!this.#isBlocked) this.#payCredit();
  }

  /** The client broke off: it has gone. */
  reset(): void {
    this.#leave();
  }

  /** The client hears nothing any more: it has gone, or has closed and does not wait for the answer. */
  stopSending(): void {
    if (!this.#decoder.isOver) this.#leave();
  }

  writable(): void {
    this.#origin?.resume();
  }

  closed(): void {
    this.#leave();
  }

  // What the client says: called by the decoder.

  request(contextId: number, options: WebSocketOptions, head: RequestHead): void {
    this.#state = 'waiting';
    this.#options = options;
    this.#head = head;
    this.#host.pools(
      contextId,
      (_pools, settings, policy) => this.#plan(settings, policy),
      (failure) => this.#fail(failure),
    );
  }

  part(opcode: MessageOpcode, isFirst: boolean, isLast: boolean, length: number): void {
    if (this.#state === 'over') return;
    if (this.#origin === undefined) {
      throw new WireError(PROTOCOL_VIOLATION, 'messages of a WebSocket must wait until it is open');
    }
    this.#origin.begin(opcode, isFirst, isLast, length);
  }

  payload(bytes: Uint8Array): void {
    this.#payloadBytes += bytes.length;
    if (this.#origin?.payload(bytes) === false) this.#isBlocked = true;
  }

  messageEnd(): void {}

  close(status: CloseStatus): void {
    if (this.#origin === undefined) this.#leave();
    else this.#origin.close(status);
  }

  failure(): void {}

  #payCredit(): void {
    const owed = this.#owedBytes;
    this.#owedBytes = 0;
    this.#stream.consume(owed);
  }

  // Toward the origin.

  #plan(settings: PoolSettings, policy: EgressPolicy): void {
    if (this.#state !== 'waiting') return;
    const { timeouts, log } = this.#environment;
    try {
      const plan = planWebSocket(this.#head as RequestHead, this.#options, settings, policy, timeouts);
      if ('name' in plan) {
        this.#fail(plan);
        return;
      }
      for (const note of plan.reported) log.warn(note, 'Destination would be refused');
      this.#connect(plan).catch((error: unknown) => this.#failWith(error));
    } catch (error) {
      this.#failWith(error);
    }
  }

  async #connect(plan: WebSocketPlan): Promise<void> {
    this.#state = 'connecting';
    const { connector, limits } = this.#environment;
    const { signal } = this.#givenUp;
    const startedAtMs = performance.now();
    const { target, route } = plan;
    const { socket, info } = await connector.connect(target, {
      route,
      timeoutMs: plan.connectTimeoutMs,
      signal,
    });
    const connectedAtMs = performance.now();
    const answer = await openingHandshake(socket, { ...plan, maxHeadBytes: limits.maxHeadBytes, signal });
    // Given up in this very turn.
    if (signal.aborted) {
      socket.destroy();
      return;
    }
    const origin = new OriginWebSocket(socket, this.#fromOrigin, plan.maxMessageBytes);
    this.#open(origin, answer, {
      httpVersion: '1.1',
      connectUs: microseconds(connectedAtMs - startedAtMs),
      waitUs: microseconds(performance.now() - connectedAtMs),
      ...tlsOf(info),
    });
  }

  #open(origin: OriginWebSocket, { fields, first }: HandshakeAnswer, metadata: ResponseMetadata): void {
    this.#origin = origin;
    try {
      this.#relay.opened(metadata, fields);
      this.#state = 'open';
      origin.start(first);
    } catch (error) {
      // Fields that no message can hold.
      if (!(error instanceof WireError)) throw error;
      this.#fail({ name: 'http_protocol_error', detail: error.message });
      origin.start(Buffer.alloc(0));
    }
  }

  readonly #fromOrigin = {
    data: (opcode: MessageOpcode, isFirst: boolean, isLast: boolean, bytes: Uint8Array): boolean =>
      this.#state === 'over' || this.#relay.data(opcode, isFirst, isLast, bytes),
    writable: (): void => {
      this.#isBlocked = false;
      this.#payCredit();
    },
    close: (status: CloseStatus): void => {
      if (this.#state === 'over') return;
      this.#relay.close(status);
      this.#leave();
    },
    failed: (why: string): void => {
      const { authority } = this.#head as RequestHead;
      this.#fail({ name: 'websocket_failed', detail: `${authority}: ${why}` });
    },
    ended: (): void => this.#host.ended(),
  };

  // Ending.

  #failWith(error: unknown): void {
    if (this.#state === 'over') return;
    if (error instanceof FailureError) {
      this.#fail(error.failure);
      return;
    }
    this.#environment.log.error({ error: String(error) }, 'WebSocket failed unexpectedly');
    this.#fail({ name: 'internal_error', detail: '' });
  }

  #fail(failure: NotedFailure): void {
    if (this.#state === 'over') return;
    if (failure.note !== undefined) this.#environment.log.warn(failure.note, 'Destination refused');
    this.#relay.fail(failure);
    this.#leave();
  }

  /** The client has been told, or is not there. Whatever it still sends nobody wants; the origin is told by a close. */
  #leave(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#relay.end();
    this.#stream.stopSending(FAILURES.cancelled.code);
    this.#givenUp.abort(new FailureError({ name: 'cancelled', detail: '' }));
    if (this.#origin === undefined) this.#host.ended();
    else this.#origin.leave(GOING_AWAY);
  }
}

function malformedRequest(error: WireError): Failure {
  if (error instanceof UnknownOptionError) return { name: 'unsupported_option', detail: error.message };
  if (!(error instanceof MessageError)) return { name: 'malformed_exchange', detail: error.message };
  return {
    name: error.reason === 'limit' ? 'request_head_too_large' : 'http_request_error',
    detail: error.message,
  };
}

function tlsOf({ tls }: ConnectionInfo): ResponseMetadata {
  return tls === undefined ? {} : tlsMetadata(tls, false);
}

function microseconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1_000));
}

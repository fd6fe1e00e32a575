import {
  FAILURES,
  type Failure,
  MessageError,
  type RequestHead,
  type ResponseMetadata,
  type Stream,
  type StreamHandler,
  UnknownOptionError,
  WireError,
} from '@hip/wire';
import type { ConnectionInfo } from '../connect/connector.ts';
import { FailureError, type NotedFailure } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { GatewayLimits, GatewayTimeouts } from '../options.ts';
import type { EgressPolicy } from '../policy/egress-policy.ts';
import type { ConnectionPool, Lease } from '../pool/connection-pool.ts';
import type { OriginExchange, OriginHandler } from '../pool/origin-connection.ts';
import type { OriginPools } from '../pool/origin-pools.ts';
import type { PoolSettings } from '../pool/pool-settings.ts';
import { PoolWait } from './pool-wait.ts';
import { planRequest, type RequestPlan } from './request-plan.ts';
import { RequestReceiver } from './request-receiver.ts';
import { ResponseRelay } from './response-relay.ts';
import { tlsMetadata } from './tls-metadata.ts';

/** Longest reason phrase passed on, in characters: for a person, and nothing depends on it (RFC 9110 §15). */
const MAX_REASON_LENGTH = 512;

/** What all exchanges share. */
export interface ExchangeEnvironment {
  readonly limits: GatewayLimits;
  readonly timeouts: GatewayTimeouts;
  readonly log: Logger;
}

/** What an exchange asks of its session. */
export interface ExchangeHost {
  /** Asks for the pools of a context: at most one of the two is called, now or later. */
  pools(
    contextId: number,
    grant: (pools: OriginPools, settings: PoolSettings, policy: EgressPolicy) => void,
    refuse: (failure: Failure) => void,
  ): void;
  /** The exchange is over. */
  ended(): void;
}

/**
 * One request of a client and the response of its origin, on one stream.
 *
 *     reading ──head is here──▶ waiting ──pools, then a connection──▶ sent ──response or failure──▶ over
 *        └──malformed───────────────┴──refused, client gone──────────────────────────────────────────▲
 */
export class Exchange implements StreamHandler {
  readonly #stream: Stream;
  readonly #environment: ExchangeEnvironment;
  readonly #host: ExchangeHost;
  readonly #request: RequestReceiver;
  readonly #response: ResponseRelay;

  #state: 'reading' | 'waiting' | 'sent' | 'over' = 'reading';
  #wait: PoolWait | undefined;
  #pool: ConnectionPool | undefined;
  #lease: Lease | undefined;
  #origin: OriginExchange | undefined;

  // For the metadata.
  #connection: ConnectionInfo | undefined;
  #reused = false;
  readonly #startedAtMs = performance.now();
  #leasedAtMs = 0;
  /** When the last of a body left that was not here at once; 0 before. */
  #sentAtMs = 0;

  /** @param stream - just opened; its kind has been read. */
  constructor(stream: Stream, environment: ExchangeEnvironment, host: ExchangeHost) {
    this.#stream = stream;
    this.#environment = environment;
    this.#host = host;
    this.#request = new RequestReceiver(environment.limits.maxHeadBytes, {
      credit: (bytes) => stream.consume(bytes),
      stop: () => stream.stopSending(FAILURES.cancelled.code),
    });
    this.#response = new ResponseRelay(stream);
  }

  /** The gateway goes away and cannot wait: what was not sent on can be sent elsewhere. */
  shutDown(): void {
    this.#fail({
      name: this.#state === 'sent' ? 'session_lost' : 'draining',
      detail: 'the gateway is shutting down',
    });
  }

  // The client's side.

  data(bytes: Uint8Array, fin: boolean): void {
    if (this.#state === 'over') return;
    try {
      this.#request.push(bytes, fin);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fail(malformedRequest(error));
      return;
    }
    if (this.#state !== 'reading' || !this.#request.isReady) return;
    this.#state = 'waiting';
    this.#host.pools(
      this.#request.contextId,
      (pools, settings, policy) => this.#plan(pools, settings, policy),
      (failure) => this.#fail(failure),
    );
  }

  /** The client broke its request off. */
  reset(): void {
    if (this.#state === 'sent') this.#request.abort();
    else this.#fail({ name: 'request_incomplete', detail: '' });
  }

  /** The client wants no more of the response: the origin is made to stop. */
  stopSending(): void {
    this.#over();
  }

  writable(): void {
    this.#origin?.resume();
  }

  closed(): void {
    this.#over();
  }

  // Toward the origin.

  #plan(pools: OriginPools, settings: PoolSettings, policy: EgressPolicy): void {
    if (this.#state !== 'waiting') return;
    const { timeouts, log } = this.#environment;
    const head = this.#request.head as RequestHead;
    const plan = planRequest(head, this.#request.options, settings, policy, timeouts);
    if ('name' in plan) {
      this.#fail(plan);
      return;
    }
    for (const note of plan.reported) log.warn(note, 'Destination would be refused');
    const pool = pools.poolFor(plan.key);
    this.#pool = pool;
    this.#wait = new PoolWait(plan.poolTimeoutMs);
    const lease = pool.acquire(this.#wait);
    if (!(lease instanceof Promise)) this.#send(head, plan, lease);
    else
      lease
        .then((granted) => this.#send(head, plan, granted))
        .catch((error: unknown) => this.#failWith(error));
  }

  #send(head: RequestHead, plan: RequestPlan, lease: Lease): void {
    if (this.#state !== 'waiting') {
      lease.release(true);
      return;
    }
    this.#state = 'sent';
    this.#lease = lease;
    this.#leasedAtMs = performance.now();
    this.#origin = lease.connection.send(
      {
        method: head.method,
        path: plan.path,
        authority: head.authority,
        fields: head.fields,
        proxyFields: plan.proxyFields,
        body: this.#request.takeBody(),
        connectTimeoutMs: plan.connectTimeoutMs,
        readTimeoutMs: plan.readTimeoutMs,
        totalTimeoutMs: plan.totalTimeoutMs,
      },
      this.#fromOrigin,
    );
  }

  readonly #fromOrigin: OriginHandler = {
    connected: (info, reused) => {
      this.#connection = info;
      this.#reused = reused;
    },
    sent: () => {
      if (this.#request.isStreamed) this.#sentAtMs = performance.now();
    },
    informational: (status, fields) => {
      this.#answer(() => this.#response.head(status, fields, () => this.#metadata('', '1.1')));
    },
    head: (status, reason, fields, httpVersion) => {
      this.#answer(() => this.#response.head(status, fields, () => this.#metadata(reason, httpVersion)));
    },
    data: (chunk) => {
      if (!this.#response.data(chunk)) this.#origin?.pause();
    },
    end: (trailers) => {
      this.#answer(() => this.#response.end(trailers));
      if (this.#state === 'over') return;
      // An early response: whatever the client still sends, nobody wants.
      if (!this.#request.isComplete) this.#stream.stopSending(FAILURES.cancelled.code);
      this.#lease?.release(true);
      this.#lease = undefined;
      this.#origin = undefined;
      this.#over();
    },
    error: (failure) => {
      this.#origin = undefined;
      this.#fail(failure);
    },
  };

  /** Passes on what the origin answered, unless no message can say it: a status of 999, say. */
  #answer(pass: () => void): void {
    try {
      pass();
    } catch (error) {
      if (error instanceof WireError) this.#fail({ name: 'http_protocol_error', detail: error.message });
      else this.#failWith(error);
    }
  }

  #metadata(reason: string, httpVersion: string): ResponseMetadata {
    const connection = this.#lease?.connection;
    const info = this.#connection;
    const connectMs = this.#reused || info === undefined ? 0 : info.resolveMs + info.tcpMs + info.tlsMs;
    const metadata: ResponseMetadata = {
      connectionId: connection?.id ?? 0,
      reused: this.#reused,
      httpVersion,
      reason: reason.slice(0, MAX_REASON_LENGTH),
      numConnections: this.#pool?.numConnections ?? 0,
      numRequests: this.#pool?.numRequests ?? 0,
      queueUs: microseconds(this.#leasedAtMs - this.#startedAtMs),
      connectUs: microseconds(connectMs),
      waitUs: microseconds(performance.now() - this.#leasedAtMs - connectMs),
    };
    if (info !== undefined && !this.#reused) {
      metadata.resolveUs = microseconds(info.resolveMs);
      metadata.tlsUs = microseconds(info.tlsMs);
    }
    if (this.#sentAtMs > 0) metadata.sendUs = microseconds(this.#sentAtMs - this.#leasedAtMs - connectMs);
    if (info?.tls === undefined) return metadata;
    return Object.assign(metadata, tlsMetadata(info.tls, this.#request.options.peerCertificates === true));
  }

  // Ending.

  #failWith(error: unknown): void {
    if (this.#state === 'over') return;
    if (error instanceof FailureError) {
      this.#fail(error.failure);
      return;
    }
    const stack = error instanceof Error ? error.stack : String(error);
    this.#environment.log.error({ error: stack }, 'exchange failed unexpectedly');
    this.#fail({ name: 'internal_error', detail: '' });
  }

  #fail(failure: NotedFailure): void {
    if (this.#state === 'over') return;
    if (failure.note !== undefined) this.#environment.log.warn(failure.note, 'Destination refused');
    this.#response.fail(failure);
    this.#stream.stopSending(FAILURES[failure.name].code);
    this.#over();
  }

  /** Leaves nothing behind: not a waiter, not a connection, not a body. */
  #over(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#wait?.giveUp();
    this.#origin?.abort();
    this.#origin = undefined;
    this.#lease?.release(false);
    this.#lease = undefined;
    this.#request.discard();
    this.#host.ended();
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

/** From milliseconds, rounded, never negative: clocks are read at different moments. */
function microseconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1_000));
}

import type { OpenTransport } from '../../src/session/client-session.ts';
import type { TransportHandler } from '../../src/transport/transport.ts';
import { Arrivals } from './arrivals.ts';
import { type GatewayScript, GatewaySide } from './gateway-side.ts';

/** What becomes of a client's attempt to connect. */
export type Reception = GatewayScript | 'refuse' | 'ignore' | 'hang-up';

/**
 * A gateway without sockets, for tests whose subject is the clock: it replaces the seam under a session, the transport,
 * and nothing above it.
 */
export class MemoryGateway {
  /** When each attempt to connect began, by the clock of the test. */
  readonly attemptsAtMs: number[] = [];
  readonly sessions = new Arrivals<GatewaySide>();
  /** Bytes every transport says it has not sent yet. */
  bufferedBytes = 0;
  readonly #receive: (attempt: number) => Reception;

  /** @param reception - of every attempt, or of each by its number from 0. */
  constructor(reception: Reception | ((attempt: number) => Reception) = {}) {
    this.#receive = typeof reception === 'function' ? reception : () => reception;
  }

  /** The transport of the client. */
  readonly open: OpenTransport = (_url, handler) => {
    const gateway = this;
    const reception = this.#receive(this.attemptsAtMs.length);
    this.attemptsAtMs.push(performance.now());
    const link = new Link(handler);
    if (reception === 'refuse') queueMicrotask(() => link.close('refused'));
    else if (reception === 'hang-up') queueMicrotask(() => link.openAndClose());
    else if (reception !== 'ignore') queueMicrotask(() => this.sessions.push(link.connect(reception)));
    return {
      send: (record) => link.toGateway(record),
      name: 'websocket',
      get bufferedBytes() {
        return gateway.bufferedBytes;
      },
      close: () => link.close('closed by the client'),
    };
  };
}

/** The two ends of one connection. */
class Link {
  readonly #client: TransportHandler;
  #gateway: GatewaySide | undefined;
  #isClosed = false;

  constructor(client: TransportHandler) {
    this.#client = client;
  }

  connect(script: GatewayScript): GatewaySide {
    if (!this.#isClosed) this.#client.opened();
    this.#gateway = new GatewaySide(
      {
        send: (record) => queueMicrotask(() => this.#isClosed || this.#client.record(record)),
        close: () => queueMicrotask(() => this.close('closed by the gateway')),
      },
      script,
    );
    return this.#gateway;
  }

  openAndClose(): void {
    this.#client.opened();
    this.close('hung up');
  }

  toGateway(record: Uint8Array): void {
    // A transport is done with a record when send() returns.
    const copy = record.slice();
    queueMicrotask(() => this.#gateway?.receive(copy));
  }

  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    queueMicrotask(() => {
      this.#client.closed(reason);
      this.#gateway?.core.transportLost(reason);
    });
  }
}

import type { TransportParameters } from '../../src/frame/transport-parameters.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import type { Perspective } from '../../src/perspective.ts';
import { PeerStreams } from '../../src/session/peer-streams.ts';
import { Session } from '../../src/session/session.ts';
import { clientParameters, gatewayParameters } from '../../src/session/session-parameters.ts';
import type { SessionClose, Stream } from '../../src/session/stream.ts';
import { Lane, type LaneOptions } from './lane.ts';

/** What an {@link Endpoint} can be told. */
export interface EndpointOptions {
  /** Parameters other than the usual. */
  parameters?: Partial<TransportParameters>;
  /** Clock; one that stands still at 1 ms when left out. */
  now?: () => number;
  /** How streams of the peer are treated. */
  accept?: LaneOptions;
  /** Called for each stream of the peer, before anything of it is delivered. */
  onStream?: (lane: Lane) => void;
}

/** A session in a test, with everything it told its user. */
export class Endpoint {
  readonly session: Session;
  readonly parameters: TransportParameters;
  readonly accepted: Lane[] = [];
  readonly closes: SessionClose[] = [];
  readies = 0;
  streamsAvailables = 0;
  announcements = 0;

  constructor(perspective: Perspective, options: EndpointOptions = {}) {
    this.parameters = {
      ...(perspective === 'client' ? clientParameters() : gatewayParameters()),
      ...options.parameters,
    };
    const maxStreams = this.parameters.initialMaxStreamsBidi;
    this.session = new Session({
      perspective,
      parameters: this.parameters,
      ...(maxStreams > 0 ? { peerStreams: new PeerStreams(maxStreams) } : {}),
      now: options.now ?? (() => 1),
      handler: {
        ready: () => this.readies++,
        stream: (stream: Stream) => {
          const lane = new Lane(options.accept);
          lane.stream = stream;
          this.accepted.push(lane);
          options.onStream?.(lane);
          return lane;
        },
        streamsAvailable: () => this.streamsAvailables++,
        wantsToSend: () => this.announcements++,
        closed: (close) => this.closes.push(close),
      },
    });
  }

  /** Opens a stream; fails the test when the peer allows none. */
  open(options?: LaneOptions): Lane {
    const lane = this.tryOpen(options);
    if (lane === undefined) throw new Error('the peer allows no stream');
    return lane;
  }

  /** Opens a stream if the peer allows one. */
  tryOpen(options?: LaneOptions): Lane | undefined {
    const lane = new Lane(options);
    const stream = this.session.openStream(lane);
    if (stream === undefined) return undefined;
    lane.stream = stream;
    return lane;
  }

  /** Every record the session has to send. */
  records(): Uint8Array[] {
    const records: Uint8Array[] = [];
    for (let record = this.session.nextRecord(); record !== undefined; record = this.session.nextRecord()) {
      records.push(record);
    }
    return records;
  }
}

/** Two sessions and what goes between them. */
export class Pair {
  readonly client: Endpoint;
  readonly gateway: Endpoint;

  /** Called for each record on its way. */
  onRecord: ((from: Endpoint, record: Uint8Array) => void) | undefined;

  /** Whether records are carried as a socket does it: by a copy, after which the sender has its memory back. */
  copies = false;

  constructor(client: Endpoint, gateway: Endpoint) {
    this.client = client;
    this.gateway = gateway;
  }

  /** Carries records both ways until neither end has one. */
  run(): void {
    for (let moved = true; moved; ) {
      const fromClient = this.#carry(this.client, this.gateway);
      moved = this.#carry(this.gateway, this.client) || fromClient;
    }
  }

  /** Carries what the client has to send; the gateway's answers stay where they are. */
  toGateway(): void {
    this.#carry(this.client, this.gateway);
  }

  /** Carries what the gateway has to send. */
  toClient(): void {
    this.#carry(this.gateway, this.client);
  }

  /** Carries one record, if there is one. */
  carryOne(from: Endpoint, to: Endpoint): boolean {
    const record = from.session.nextRecord();
    if (record === undefined) return false;
    if (
      record.length === 0 ||
      record.length > Math.min(WIRE_LIMITS.maxRecordBytes, to.parameters.maxRecordSize)
    ) {
      throw new Error(`record of ${record.length} bytes`);
    }
    this.onRecord?.(from, record);
    to.session.receive(this.copies ? record.slice() : record);
    if (this.copies) from.session.recordSent(record);
    return true;
  }

  #carry(from: Endpoint, to: Endpoint): boolean {
    let moved = false;
    while (this.carryOne(from, to)) moved = true;
    return moved;
  }
}

/** A client and a gateway that have greeted each other. */
export function pair(options: { client?: EndpointOptions; gateway?: EndpointOptions } = {}): Pair {
  const connected = new Pair(
    new Endpoint('client', options.client),
    new Endpoint('gateway', options.gateway),
  );
  connected.run();
  return connected;
}

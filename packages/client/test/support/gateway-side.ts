import {
  ByteWriter,
  type ClientMessage,
  CONTROL_STREAM,
  type ContextMessage,
  ControlDecoder,
  FAILURES,
  type FailureName,
  type GatewayMessage,
  gatewayParameters,
  type HelloMessage,
  PeerStreams,
  PROTOCOL_VERSION,
  parseClientMessage,
  Session,
  type SessionClose,
  type Stream,
  type StreamHandler,
  type TransportParameters,
  WEBSOCKET_STREAM,
  writeControlMessage,
} from '@hip/wire';
import { Arrivals, Latch } from './arrivals.ts';
import { GatewayExchange } from './gateway-exchange.ts';
import { GatewayWebSocket } from './gateway-websocket.ts';

/** What carries the records of one session in a test. */
export interface Carrier {
  send(record: Uint8Array): void;
  close(): void;
}

/** How a gateway of a test behaves where the test does not say so each time. */
export interface GatewayScript {
  /** What becomes of a hello: `accept` when left out. */
  hello?: 'accept' | 'hold' | ((hello: HelloMessage, side: GatewaySide) => void);
  /** Exchanges the client may have open at once; 100 when left out. */
  maxStreams?: number;
  /** Transport parameters other than the usual. */
  parameters?: Partial<TransportParameters>;
  /** Called with each exchange as it opens; the test answers by hand when left out. */
  exchange?: (exchange: GatewayExchange, side: GatewaySide) => void;
  /** Called with each session before it greets. */
  session?: (side: GatewaySide) => void;
}

/** One session as the gateway sees it: the wire's own core, scripted by a test. */
export class GatewaySide {
  readonly core: Session;
  readonly exchanges = new Arrivals<GatewayExchange>();
  readonly webSockets = new Arrivals<GatewayWebSocket>();
  readonly messages = new Arrivals<ClientMessage>();
  /** Records of the client, which are messages of its WebSocket. */
  readonly records = new Arrivals<Uint8Array>();
  readonly #script: GatewayScript;
  readonly #carrier: Carrier;
  readonly #closed = new Latch<SessionClose>();
  readonly #writer = new ByteWriter();
  #control: Stream | undefined;
  #isMuted = false;
  /** Bytes that have left in records. */
  sentBytes = 0;

  constructor(carrier: Carrier, script: GatewayScript = {}) {
    this.#carrier = carrier;
    this.#script = script;
    const parameters = { ...gatewayParameters((script.maxStreams ?? 100) + 1), ...script.parameters };
    this.core = new Session({
      perspective: 'gateway',
      parameters,
      peerStreams: new PeerStreams(parameters.initialMaxStreamsBidi),
      now: () => performance.now(),
      handler: {
        ready: () => {},
        stream: (stream) => this.#accept(stream),
        streamsAvailable: () => {},
        wantsToSend: () => queueMicrotask(() => this.#flush()),
        closed: (close) => {
          this.#flush();
          this.#carrier.close();
          this.#closed.open(close);
        },
      },
    });
    script.session?.(this);
    this.#flush();
  }

  /** Takes one record of the client. */
  receive(record: Uint8Array): void {
    this.records.push(record);
    this.core.receive(record);
  }

  /** Contexts the client has declared. */
  get contexts(): ContextMessage[] {
    return this.messages.all.filter((message) => message.type === 'context');
  }

  /** Why the session ended. */
  get closed(): Promise<SessionClose> {
    return this.#closed.promise;
  }

  /** Whether the session has ended. */
  get isClosed(): boolean {
    return this.#closed.isOpen;
  }

  /** From now on nothing leaves. */
  mute(): void {
    this.#isMuted = true;
  }

  /** What was held back leaves. */
  unmute(): void {
    this.#isMuted = false;
    this.#flush();
  }

  /** Says something on the control stream. */
  say(message: GatewayMessage): void {
    writeControlMessage(this.#writer, message);
    this.#control?.write(this.#writer.take());
  }

  /** Accepts the client. */
  accept(): void {
    const limits = { maxHeadBytes: 65_536, maxStreams: this.#script.maxStreams ?? 100 };
    this.say({ type: 'ready', protocol: PROTOCOL_VERSION, gateway: 'scripted', limits, features: [] });
  }

  /** Asks the client to go elsewhere. */
  drain(): void {
    this.say({ type: 'drain', deadlineMs: 10_000 });
  }

  /** Breaks the control stream's rules: any bytes. */
  sayBytes(bytes: Uint8Array, fin = false): void {
    if (fin) this.#control?.end(bytes);
    else this.#control?.write(bytes);
  }

  /** Ends the session with a row of the failure table. */
  close(name: FailureName, reason: string = name): void {
    // What is still queued when a session is closed never leaves.
    this.#flush();
    this.core.close(FAILURES[name].code, reason);
  }

  /** Sends what there is to send. */
  #flush(): void {
    if (this.#isMuted) return;
    for (let record = this.core.nextRecord(); record !== undefined; record = this.core.nextRecord()) {
      this.sentBytes += record.length;
      this.#carrier.send(record);
    }
  }

  #accept(stream: Stream): StreamHandler {
    const opening: StreamHandler = {
      data: (bytes, fin, exclusive) => {
        stream.consume(1);
        stream.handler = this.#open(stream, bytes[0]);
        stream.handler.data(bytes.subarray(1), fin, exclusive);
      },
      reset: () => {},
      stopSending: () => {},
      writable: () => {},
      closed: () => {},
    };
    return opening;
  }

  #open(stream: Stream, kind: number | undefined): StreamHandler {
    if (kind === CONTROL_STREAM) return this.#openControl(stream);
    if (kind !== WEBSOCKET_STREAM) return this.#openExchange(stream);
    const webSocket = new GatewayWebSocket(stream);
    this.webSockets.push(webSocket);
    return webSocket.handler;
  }

  #openControl(stream: Stream): StreamHandler {
    this.#control = stream;
    const decoder = new ControlDecoder(parseClientMessage, (message) => this.#hear(message));
    return {
      data: (bytes) => {
        stream.consume(bytes.length);
        decoder.push(bytes);
      },
      reset: () => {},
      stopSending: () => {},
      writable: () => {},
      closed: () => {},
    };
  }

  #openExchange(stream: Stream): StreamHandler {
    const exchange = new GatewayExchange(stream);
    this.exchanges.push(exchange);
    this.#script.exchange?.(exchange, this);
    return exchange.handler;
  }

  #hear(message: ClientMessage): void {
    const { hello = 'accept' } = this.#script;
    if (message.type === 'hello') {
      if (hello === 'accept') this.accept();
      else if (hello !== 'hold') hello(message, this);
    }
    this.messages.push(message);
  }
}

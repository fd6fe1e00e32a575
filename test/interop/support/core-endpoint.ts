import {
  clientParameters,
  gatewayParameters,
  PeerStreams,
  type Perspective,
  Session,
  type SessionClose,
  type Stream,
  type StreamHandler,
  type TransportParameters,
} from '@hip/wire';
import type { WebSocket } from 'ws';
import { Checksum } from './content.ts';

/** Bytes a socket may hold unsent before records wait. */
const HIGH_WATER_BYTES = 262_144;

/** Something that is told once. */
class Told<Value> {
  readonly #told = Promise.withResolvers<Value>();

  get value(): Promise<Value> {
    return this.#told.promise;
  }

  tell(value: Value): void {
    this.#told.resolve(value);
  }
}

/** The user of one stream of a {@link CoreEndpoint}. */
export class CoreStream implements StreamHandler {
  readonly #received = new Checksum();
  readonly #ended = new Told<string>();
  readonly #reset = new Told<number>();
  readonly #stopped = new Told<number>();
  readonly #closed = new Told<SessionClose>();
  #stream: Stream | undefined;
  #drained = Promise.withResolvers<void>();
  #awaited = Promise.withResolvers<void>();
  #awaitedBytes = Number.POSITIVE_INFINITY;

  get stream(): Stream {
    if (this.#stream === undefined) throw new Error('the stream is not open yet');
    return this.#stream;
  }

  set stream(stream: Stream) {
    this.#stream = stream;
  }

  /** Checksum of all that came, once the peer has ended it. */
  get ended(): Promise<string> {
    return this.#ended.value;
  }

  /** Code the peer broke off with. */
  get wasReset(): Promise<number> {
    return this.#reset.value;
  }

  /** Code with which the peer wants no more. */
  get wasStopped(): Promise<number> {
    return this.#stopped.value;
  }

  /** How the session ended under the stream. */
  get wasClosed(): Promise<SessionClose> {
    return this.#closed.value;
  }

  /** Waits until so many bytes have come. */
  receives(bytes: number): Promise<void> {
    this.#awaitedBytes = bytes;
    this.#checkAwaited();
    return this.#awaited.promise;
  }

  /** Writes all of `bytes`, waiting whenever the queue is full. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += 50_000) {
      if (this.stream.write(bytes.subarray(at, at + 50_000))) continue;
      await this.#drained.promise;
      this.#drained = Promise.withResolvers();
    }
  }

  data(bytes: Uint8Array, fin: boolean): void {
    this.#received.add(bytes);
    this.stream.consume(bytes.length);
    this.#checkAwaited();
    if (fin) this.#ended.tell(this.#received.end());
  }

  reset(code: number): void {
    this.#reset.tell(code);
  }

  stopSending(code: number): void {
    this.#stopped.tell(code);
  }

  writable(): void {
    this.#drained.resolve();
  }

  closed(close: SessionClose): void {
    this.#closed.tell(close);
  }

  #checkAwaited(): void {
    if (this.#received.bytes >= this.#awaitedBytes) this.#awaited.resolve();
  }
}

/** Our session core over a WebSocket, in the least of a shell. */
export class CoreEndpoint {
  readonly session: Session;
  readonly #socket: WebSocket;
  readonly #ready = new Told<void>();
  readonly #closed = new Told<SessionClose>();
  readonly #onStream: (stream: CoreStream) => StreamHandler;
  #available = Promise.withResolvers<void>();

  /** Called for each record that is sent, with its size. */
  onRecordSent: ((bytes: number) => void) | undefined;

  constructor(
    socket: WebSocket,
    perspective: Perspective,
    options: { parameters?: Partial<TransportParameters>; onStream?: (stream: CoreStream) => void } = {},
  ) {
    this.#socket = socket;
    this.#onStream = (stream) => {
      options.onStream?.(stream);
      return stream;
    };
    const usual = perspective === 'client' ? clientParameters() : gatewayParameters();
    const parameters = { ...usual, ...options.parameters };
    this.session = new Session({
      perspective,
      parameters,
      peerStreams: new PeerStreams(parameters.initialMaxStreamsBidi),
      now: () => performance.now(),
      handler: {
        ready: () => this.#ready.tell(),
        stream: (stream) => {
          const core = new CoreStream();
          core.stream = stream;
          return this.#onStream(core);
        },
        streamsAvailable: () => this.#available.resolve(),
        wantsToSend: () => queueMicrotask(() => this.#flush()),
        closed: (close) => {
          this.#flush();
          this.#closed.tell(close);
        },
      },
    });
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data) => this.session.receive(new Uint8Array(data as ArrayBuffer)));
    socket.on('close', (code) => this.session.transportLost(`the WebSocket closed with ${code}`));
    if (socket.readyState === socket.OPEN) this.#flush();
    else socket.on('open', () => this.#flush());
  }

  /** The peer has greeted. */
  get ready(): Promise<void> {
    return this.#ready.value;
  }

  /** How the session ended. */
  get closed(): Promise<SessionClose> {
    return this.#closed.value;
  }

  /** Opens a stream as soon as the peer allows one. */
  async open(): Promise<CoreStream> {
    const core = new CoreStream();
    for (;;) {
      const stream = this.session.openStream(core);
      if (stream !== undefined) {
        core.stream = stream;
        return core;
      }
      await this.#available.promise;
      this.#available = Promise.withResolvers();
    }
  }

  #flush(): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    while (this.#socket.bufferedAmount <= HIGH_WATER_BYTES) {
      const record = this.session.nextRecord();
      if (record === undefined) return;
      this.onRecordSent?.(record.length);
      this.#socket.send(record, () => {
        this.session.recordSent(record);
        this.#flush();
      });
    }
  }
}

import type { SessionClose, Stream, StreamHandler } from '../../src/session/stream.ts';

/** How a {@link Lane} treats what arrives. */
export interface LaneOptions {
  /** Whether bytes are consumed as they arrive; `true` when left out. */
  consume?: boolean;
  /** Whether bytes are kept; `true` when left out. */
  keep?: boolean;
  /** Called after a chunk has been noted. */
  onData?: (lane: Lane, bytes: Uint8Array, fin: boolean) => void;
  /** Called when the stream may be written to again. */
  onWritable?: (lane: Lane) => void;
}

/** The user of a stream in a test: notes everything it is told. */
export class Lane implements StreamHandler {
  readonly #options: LaneOptions;
  #stream: Stream | undefined;

  readonly chunks: Uint8Array[] = [];
  readonly exclusives: boolean[] = [];
  receivedBytes = 0;
  consumedBytes = 0;
  fins = 0;
  writables = 0;
  readonly resets: number[] = [];
  readonly stops: number[] = [];
  readonly closes: SessionClose[] = [];

  constructor(options: LaneOptions = {}) {
    this.#options = options;
  }

  get stream(): Stream {
    if (this.#stream === undefined) throw new Error('lane has no stream yet');
    return this.#stream;
  }

  set stream(stream: Stream) {
    this.#stream = stream;
  }

  /** Bytes that arrived and were not consumed. */
  get unread(): number {
    return this.receivedBytes - this.consumedBytes;
  }

  /** What was kept, as one text of one-byte characters. */
  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  /** Consumes `bytes`, or everything unread. */
  consume(bytes = this.unread): void {
    this.consumedBytes += bytes;
    this.stream.consume(bytes);
  }

  data(bytes: Uint8Array, fin: boolean, exclusive: boolean): void {
    this.receivedBytes += bytes.length;
    if (this.#options.keep !== false) {
      this.chunks.push(bytes);
      this.exclusives.push(exclusive);
    }
    if (fin) this.fins++;
    if (this.#options.consume !== false) this.consume(bytes.length);
    this.#options.onData?.(this, bytes, fin);
  }

  reset(code: number): void {
    this.resets.push(code);
  }

  stopSending(code: number): void {
    this.stops.push(code);
  }

  writable(): void {
    this.writables++;
    this.#options.onWritable?.(this);
  }

  closed(close: SessionClose): void {
    this.closes.push(close);
  }
}

import type { FieldLines, Stream } from '@hip/wire';

/**
 * Content of a response as it arrives: holds what is unread, gives credit back as it is read, and tells one reader when
 * there is something new. Whatever is built on it (a `ReadableStream`, `read(n)`) pulls; nothing is pushed.
 */
export class IncomingBody {
  readonly #stream: Stream;
  readonly #cancel: () => void;
  #chunks: Uint8Array[] = [];
  #ended = false;
  #error: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Trailer fields, once the content has ended. */
  trailers: FieldLines = [];

  /** @param stream - whose credit the content uses. @param cancel - gives up the exchange. */
  constructor(stream: Stream, cancel: () => void) {
    this.#stream = stream;
    this.#cancel = cancel;
  }

  // Arriving.

  /** Content arrived. */
  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#notify();
  }

  /** The content is complete. */
  end(trailers: FieldLines): void {
    this.trailers = trailers;
    this.#ended = true;
    this.#notify();
  }

  /** The content broke off. What has arrived is lost: a body that is short must never look whole. */
  fail(reason: unknown): void {
    if (this.#ended || this.#error !== undefined) return;
    this.#error = { reason };
    this.#chunks = [];
    this.#notify();
  }

  // Reading.

  /** Whether all content has arrived; it may still be unread. */
  get isComplete(): boolean {
    return this.#ended;
  }

  /** Whether all content has been read. */
  get isFinished(): boolean {
    return this.#ended && this.#chunks.length === 0;
  }

  /** Everything that has arrived and is unread. */
  takeAll(): Uint8Array {
    const [first] = this.#chunks;
    const bytes = first !== undefined && this.#chunks.length === 1 ? own(first) : concatenate(this.#chunks);
    this.#chunks = [];
    this.#stream.consume(bytes.length);
    return bytes;
  }

  /**
   * The next piece of at most `limitBytes`, or `undefined` at the end.
   *
   * @throws the error that broke the content off.
   */
  async next(limitBytes: number = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks[0];
      if (chunk !== undefined) return this.#take(chunk, limitBytes);
      if (this.#error !== undefined) throw this.#error.reason;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Wants no more: the origin is made to stop. */
  cancel(): void {
    this.#chunks = [];
    if (!this.#ended) this.#cancel();
    this.#notify();
  }

  #take(chunk: Uint8Array, limitBytes: number): Uint8Array {
    let taken = chunk;
    if (chunk.length <= limitBytes) {
      this.#chunks.shift();
    } else {
      taken = chunk.subarray(0, limitBytes);
      this.#chunks[0] = chunk.subarray(limitBytes);
    }
    this.#stream.consume(taken.length);
    return own(taken);
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/**
 * The bytes in a buffer of their own: what arrives are views of whole messages, which other exchanges share and which a
 * reader that keeps, changes or transfers its piece must not touch.
 */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** One array with the bytes of all. */
export function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

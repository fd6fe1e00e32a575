import { ByteWriter, type Stream, writeContentChunk, writeRequestEnd } from '@hip/wire';
import { invalidOption } from '../errors.ts';

/** Most bytes of one content chunk: what a record carries anyway. Longer pieces are sent as several. */
const CHUNK_BYTES = 65_536;

/** Pieces up to this length are copied next to their chunk header; longer ones are passed on as they are, in bytes. */
const COPY_BYTES = 4_096;

/** Sends the pieces of a body as content chunks, no faster than the stream takes them, then the end of the request. */
export class BodySender {
  readonly #stream: Stream;
  readonly #source: AsyncIterator<Uint8Array, unknown>;
  readonly #isBorrowed: boolean;
  #isOver = false;
  #wake: (() => void) | undefined;

  /**
   * @param stream - the head of the request has been written to it.
   * @param isBorrowed - whether the source may change a piece once it is asked for the next.
   */
  constructor(stream: Stream, source: AsyncIterator<Uint8Array, unknown>, isBorrowed: boolean) {
    this.#stream = stream;
    this.#source = source;
    this.#isBorrowed = isBorrowed;
  }

  /**
   * Sends until the body has ended or {@link BodySender.stop} is called.
   *
   * @param sent - told how many bytes of content have been given to the stream so far.
   * @throws whatever the source throws, and {@link InvalidRequestError} when it yields anything but bytes.
   */
  async run(sent: (bytes: number) => void): Promise<void> {
    try {
      await this.#run(sent);
    } catch (error) {
      // A source that is told to stop may complain: nobody cares by then.
      if (!this.#isOver) throw error;
    }
  }

  /** The stream has room again. */
  writable(): void {
    this.#wake?.();
  }

  /** Nobody wants the rest of the body: its source is told at once, even when the next piece is awaited. */
  stop(reason?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.writable();
    const close = async () => this.#source.return?.(reason);
    close().catch(() => {});
  }

  async #run(sent: (bytes: number) => void): Promise<void> {
    const writer = new ByteWriter();
    let total = 0;
    for (;;) {
      const { done, value } = await this.#source.next();
      if (this.#isOver) return;
      if (done) break;
      if (!(value instanceof Uint8Array)) {
        throw invalidOption(`body must yield Uint8Array, got ${typeof value}`);
      }
      for (let at = 0; at < value.length; at += CHUNK_BYTES) {
        const piece = value.subarray(at, at + CHUNK_BYTES);
        total += piece.length;
        const goesOn = this.#send(writer, piece);
        sent(total);
        if (goesOn) continue;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        if (this.#isOver) return;
      }
    }
    this.#isOver = true;
    writeRequestEnd(writer);
    this.#stream.end(writer.take());
  }

  #send(writer: ByteWriter, piece: Uint8Array): boolean {
    if (piece.length <= COPY_BYTES) {
      writeContentChunk(writer, piece);
      return this.#stream.write(writer.take());
    }
    writer.varint(piece.length);
    this.#stream.write(writer.take());
    const goesOn = this.#stream.write(piece);
    return this.#isBorrowed ? this.#stream.isDrained() : goesOn;
  }
}

import { ByteWriter, type Stream, writeContentChunk, writeRequestEnd } from '@hip/wire';
import { invalidOption } from '../errors.ts';

/** Most bytes of one content chunk: what a record carries anyway. Longer pieces are sent as several. */
const CHUNK_BYTES = 65_536;

/** Pieces up to this length are copied next to their chunk header; longer ones are passed on as they are, in bytes. */
const COPY_BYTES = 4_096;

/** Told how many bytes of a body have left so far, and whether that is all. */
export type BodySent = (bytes: number, isAll: boolean) => void;

/** Sends the pieces of a body as content chunks, no faster than the stream takes them, then the end of the request. */
export class BodySender {
  readonly #stream: Stream;
  readonly #source: AsyncIterator<Uint8Array, unknown>;
  readonly #isBorrowed: boolean;
  readonly #sent: BodySent | undefined;
  #isOver = false;
  #wake: (() => void) | undefined;

  /**
   * @param stream - the head of the request has been written to it.
   * @param isBorrowed - whether the source may change a piece once it is asked for the next.
   * @param sent - told of each piece when it has left, for which the gateway must have given credit.
   */
  constructor(
    stream: Stream,
    source: AsyncIterator<Uint8Array, unknown>,
    isBorrowed: boolean,
    sent?: BodySent | undefined,
  ) {
    this.#stream = stream;
    this.#source = source;
    this.#isBorrowed = isBorrowed;
    this.#sent = sent;
  }

  /**
   * Sends until the body has ended or {@link BodySender.stop} is called.
   *
   * @throws whatever the source throws, and {@link InvalidRequestError} when it yields anything but bytes.
   */
  async run(): Promise<void> {
    try {
      await this.#run();
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

  async #run(): Promise<void> {
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
        if (!this.#send(writer, piece)) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          if (this.#isOver) return;
        }
        total += piece.length;
        this.#sent?.(total, false);
      }
    }
    this.#sent?.(total, true);
    this.#isOver = true;
    writeRequestEnd(writer);
    this.#stream.end(writer.take());
  }

  #send(writer: ByteWriter, piece: Uint8Array): boolean {
    const isCopied = piece.length <= COPY_BYTES;
    if (isCopied) writeContentChunk(writer, piece);
    else writer.varint(piece.length);
    let goesOn = this.#stream.write(writer.take());
    if (!isCopied) goesOn = this.#stream.write(piece);
    return this.#sent !== undefined || (this.#isBorrowed && !isCopied) ? this.#stream.isDrained() : goesOn;
  }
}

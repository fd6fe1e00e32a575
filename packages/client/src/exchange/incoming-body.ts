import type { FieldLines, Stream } from '@hip/wire';
import { ContentQueue } from './content-queue.ts';

/**
 * Content of a response as it arrives: holds what is unread, gives credit back as it is read, and tells one reader when
 * there is something new. Whatever is built on it (a `ReadableStream`, `read(n)`) pulls; nothing is pushed.
 */
export class IncomingBody {
  readonly #stream: Stream;
  /** Gives up the exchange, which is kept no longer than that makes sense. */
  #cancel: (() => void) | undefined;
  readonly #unread = new ContentQueue();
  #ended = false;
  #isBeingRead = false;
  #error: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;
  #watcher: (() => void) | undefined;

  /** Content that has arrived, in bytes. */
  receivedBytes = 0;

  /** Trailer fields, once the content has ended. */
  trailers: FieldLines = [];

  /** @param stream - whose credit the content uses. @param cancel - gives up the exchange. */
  constructor(stream: Stream, cancel: () => void) {
    this.#stream = stream;
    this.#cancel = cancel;
  }

  // Arriving.

  /** Content arrived: a view of a message that may have other content in it, also of other exchanges. */
  push(bytes: Uint8Array): void {
    this.#unread.push(bytes);
    this.receivedBytes += bytes.length;
    this.#notify();
  }

  /** The last `count` pieces that arrived are all that their message holds. */
  claimLast(count: number): void {
    this.#unread.claimLast(count);
  }

  /** The content is complete. */
  end(trailers: FieldLines): void {
    this.trailers = trailers;
    this.#ended = true;
    this.#cancel = undefined;
    this.#notify();
  }

  /** The content broke off. What has arrived is lost: a body that is short must never look whole. */
  fail(reason: unknown): void {
    if (this.#ended || this.#error !== undefined) return;
    this.#error = { reason };
    this.#cancel = undefined;
    this.#unread.clear();
    this.#notify();
  }

  // Watching.

  /** Why the content broke off, if it did. */
  get error(): { readonly reason: unknown } | undefined {
    return this.#error;
  }

  /** From now on `watcher` is told of whatever happens to the content: look what. It must not throw. */
  watch(watcher: () => void): void {
    const others = this.#watcher;
    this.#watcher = () => {
      others?.();
      watcher();
    };
  }

  // Reading.

  /** Whether all content has arrived; it may still be unread. */
  get isComplete(): boolean {
    return this.#ended;
  }

  /** Whether all content has been read. */
  get isFinished(): boolean {
    return this.#ended && this.#unread.isEmpty;
  }

  /** Everything that has arrived and is unread. */
  takeAll(): Uint8Array {
    const bytes = this.#unread.takeAll();
    this.#stream.consume(bytes.length);
    return bytes;
  }

  /**
   * The next piece of at most `limitBytes`, or `undefined` at the end.
   *
   * @throws the error that broke the content off.
   */
  async next(limitBytes: number = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    this.#isBeingRead = true;
    for (;;) {
      const piece = this.#unread.take(limitBytes);
      if (piece !== undefined) {
        this.#stream.consume(piece.length);
        return piece;
      }
      if (this.#error !== undefined) throw this.#error.reason;
      if (this.#ended) return undefined;
      const others = this.#wake;
      await new Promise<void>((resolve) => {
        this.#wake = () => {
          others?.();
          resolve();
        };
      });
    }
  }

  /** Wants no more: the origin is made to stop. */
  cancel(): void {
    this.#unread.clear();
    this.#cancel?.();
    this.#notify();
  }

  /** Nobody can read any more, unless somebody has begun to. */
  abandon(): void {
    if (!this.#isBeingRead) this.cancel();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
    this.#watcher?.();
  }
}

import { Readable } from 'node:stream';
import { INTERNALS } from '../defaults.ts';
import { failed } from '../errors.ts';

/**
 * A request body that arrives from the client while it is being sent to the origin. One side writes, an HTTP engine
 * reads {@link RequestBody.readable}; backpressure of the origin's socket comes back as `write()` being `false` and
 * `onDrain`.
 */
export class RequestBody {
  /** What the engine reads. */
  readonly readable: Readable;

  /** The origin takes more, after a `write` that returned `false`. */
  onDrain: (() => void) | undefined;

  /** The origin takes nothing more although the body was not at its end: what is still to come can be thrown away. */
  onDiscard: (() => void) | undefined;

  #mustDrain = false;
  #writtenBytes = 0;
  #ended = false;
  #unwanted = false;

  constructor() {
    this.readable = new Readable({
      highWaterMark: INTERNALS.requestBodyBufferBytes,
      read: () => {
        if (!this.#mustDrain) return;
        this.#mustDrain = false;
        this.onDrain?.();
      },
    });
    // A failing body also fails the exchange, which is where it is told; without a listener it would end the process.
    this.readable.on('error', () => {});
    this.readable.once('close', () => this.stop());
  }

  /** Its length in bytes, once it is complete. */
  get length(): number | undefined {
    return this.#ended ? this.#writtenBytes : undefined;
  }

  /** Is there nobody left who wants more? Further writes are ignored. */
  get isDiscarded(): boolean {
    return this.#unwanted || this.readable.destroyed;
  }

  /** Sends these bytes. `false` asks the caller to wait for {@link RequestBody.onDrain}; the bytes are taken anyway. */
  write(chunk: Uint8Array): boolean {
    if (this.isDiscarded || this.#ended || chunk.length === 0) return true;
    this.#writtenBytes += chunk.length;
    const more = this.readable.push(chunk);
    this.#mustDrain = !more;
    return more;
  }

  /** The body is complete. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.isDiscarded) this.readable.push(null);
  }

  /** The client will not send the rest: the request fails, and the origin sees a connection that breaks off. */
  abort(): void {
    this.readable.destroy(failed('request_incomplete', 'the client ended the body early'));
  }

  /** The origin takes nothing more, but may still answer: {@link RequestBody.readable} stays open until it has. */
  stop(): void {
    if (this.#ended || this.#unwanted) return;
    this.#unwanted = true;
    this.onDiscard?.();
  }

  /** Nobody wants the body any more. */
  discard(): void {
    this.readable.destroy();
  }
}

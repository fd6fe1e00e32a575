import type { ZlibStream } from './builtin-zlib.ts';
import { type Engine, NO_BYTES } from './engine.ts';

/** What a stream makes in one go, and holds unread, at most: a quarter of it, the default, is half as fast. */
export const ZLIB_OPTIONS = { chunkSize: 65_536 };

/**
 * A stream of `node:zlib`. It makes no more than its reader takes, whatever it was given, and counts what its engine took
 * of it: that tells where the data ended.
 */
export class ZlibEngine implements Engine {
  readonly #stream: ZlibStream;
  #last: Uint8Array = NO_BYTES;
  #pushedBytes = 0;
  #isTaking = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: ZlibStream) {
    this.#stream = stream;
    stream.on('readable', () => this.#wake?.());
    stream.on('error', (error) => {
      this.#error ??= error;
      this.#taken();
    });
  }

  push(bytes: Uint8Array): void {
    this.#last = bytes;
    this.#pushedBytes += bytes.length;
    this.#isTaking = true;
    this.#stream.write(bytes, () => this.#taken());
  }

  async pull(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#stream.read();
      if (piece !== null) return piece;
      if (this.#error !== undefined) throw this.#error;
      if (!this.#isTaking) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  get hasEnded(): boolean {
    return this.#stream.bytesWritten < this.#pushedBytes;
  }

  get rest(): Uint8Array {
    return this.#last.subarray(this.#last.length - (this.#pushedBytes - this.#stream.bytesWritten));
  }

  close(): void {
    this.#stream.destroy();
    this.#taken();
  }

  #taken(): void {
    this.#isTaking = false;
    this.#wake?.();
  }
}

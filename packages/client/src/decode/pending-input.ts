import { NO_BYTES } from './engine.ts';

/** Input that waits until there is enough of it. It may come byte by byte: none is moved more than twice or so. */
export class PendingInput {
  /** What waits: a view, for as long as nothing is pushed. */
  bytes: Uint8Array = NO_BYTES;
  /** Where there is room behind it. */
  #room: Uint8Array = NO_BYTES;

  /** Adds input. It is not copied where nothing waits. */
  push(more: Uint8Array): void {
    const { bytes } = this;
    if (bytes.length === 0) {
      this.bytes = more;
      return;
    }
    const length = bytes.length + more.length;
    const start = bytes.buffer === this.#room.buffer ? bytes.byteOffset : this.#room.length;
    if (start + length <= this.#room.length) {
      this.#room.set(more, start + bytes.length);
      this.bytes = this.#room.subarray(start, start + length);
      return;
    }
    this.#room = new Uint8Array(length * 2);
    this.#room.set(bytes);
    this.#room.set(more, bytes.length);
    this.bytes = this.#room.subarray(0, length);
  }

  /** Goes behind the first `count` bytes. */
  skip(count: number): void {
    this.bytes = this.bytes.subarray(count);
  }

  /** All of it, which waits no longer. */
  take(): Uint8Array {
    const { bytes } = this;
    this.bytes = NO_BYTES;
    return bytes;
  }
}

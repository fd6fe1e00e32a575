import type { ByteWriter } from '../byte-writer.ts';

/** Bytes waiting to leave on one stream, as the views they were given in: nothing is copied until a record is filled. */
export class SendQueue {
  #chunks: Uint8Array[] = [];
  #first = 0;
  #offset = 0;
  #length = 0;

  /** Number of bytes waiting. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes, which the caller must not change afterwards. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /**
   * How many of the next bytes to send when `most` may be: whole pieces if they nearly make it up. A piece that is cut
   * costs the receiver twice, and where one is cut all that follow are.
   */
  wholePieces(most: number): number {
    if (this.#length <= most) return this.#length;
    let length = -this.#offset;
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const next = length + (this.#chunks[i] as Uint8Array).length;
      if (next > most) break;
      length = next;
    }
    return length * 8 >= most * 7 ? length : most;
  }

  /** Moves the next `length` bytes into `writer`. There must be as many. */
  moveTo(writer: ByteWriter, length: number): void {
    let left = length;
    while (left > 0) {
      const chunk = this.#chunks[this.#first] as Uint8Array;
      const available = chunk.length - this.#offset;
      if (available > left) {
        writer.bytes(chunk.subarray(this.#offset, this.#offset + left));
        this.#offset += left;
        break;
      }
      writer.bytes(this.#offset === 0 ? chunk : chunk.subarray(this.#offset));
      left -= available;
      this.#first++;
      this.#offset = 0;
    }
    this.#length -= length;
    this.#forgetSent();
  }

  /** Drops everything. */
  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#offset = 0;
    this.#length = 0;
  }

  #forgetSent(): void {
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0;
      this.#first = 0;
    } else if (this.#first >= 64) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }
}

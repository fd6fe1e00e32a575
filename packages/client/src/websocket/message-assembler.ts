const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/**
 * The message that arrives, as one copy of its pieces: a view would keep all of what it came with, and a list of many small
 * ones would take more than the message. It grows with what has arrived, never with what was announced.
 */
export class MessageAssembler {
  #bytes = NO_BYTES;
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Adds a piece. */
  push(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      // Most messages come in one piece: what is allocated then is what is given out.
      const grown = new Uint8Array(this.#length === 0 ? length : Math.max(length, this.#length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** The message, in a buffer of its own; the next one begins. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes;
    const length = this.#length;
    this.clear();
    return length === bytes.length ? bytes : bytes.slice(0, length);
  }

  /** Forgets what there is. */
  clear(): void {
    this.#bytes = NO_BYTES;
    this.#length = 0;
  }
}

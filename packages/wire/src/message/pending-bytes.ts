const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Smallest allocation, in bytes: a short head that arrives in two pieces needs no second one. */
const FIRST_BYTES = 256;

/**
 * Received bytes of a part that is not complete yet. Grows by doubling with what has arrived, never with what a length
 * promises, so every byte is copied a bounded number of times and a peer pays for all it makes us hold.
 */
export class PendingBytes {
  /** Storage; only the first {@link PendingBytes.length} bytes count. */
  bytes: Uint8Array = NO_BYTES;

  /** Number of bytes held. */
  length = 0;

  /** Adds a copy of `source` from `from` to before `to`. */
  append(source: Uint8Array, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(FIRST_BYTES, length, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(source.subarray(from, to), this.length);
    this.length = length;
  }

  /** Forgets and frees everything. */
  clear(): void {
    this.bytes = NO_BYTES;
    this.length = 0;
  }
}

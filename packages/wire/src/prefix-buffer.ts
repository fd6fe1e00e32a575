/**
 * Collects the bytes before a message until enough have come to read them. Nearly always one push brings all of it,
 * and nothing is copied then.
 */
export class PrefixBuffer {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #owned = false;

  /** What has been collected. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Adds bytes. Room doubles, so that many tiny pushes cost no more than their sum. */
  push(bytes: Uint8Array): void {
    if (this.#length === 0) {
      this.#bytes = bytes;
      this.#length = bytes.length;
      this.#owned = false;
      return;
    }
    const length = this.#length + bytes.length;
    if (!this.#owned || length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#length * 2));
      grown.set(this.bytes);
      this.#bytes = grown;
      this.#owned = true;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }
}

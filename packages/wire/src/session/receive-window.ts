/**
 * Credit one end gives the other (RFC 9000 §4.1): how much may arrive, how much has, and how much of it the reader has
 * consumed. Decides when to give more; sends nothing itself.
 */
export class ReceiveWindow {
  /** Bytes that have arrived. */
  received = 0;

  #consumed = 0;
  #limit: number;
  #windowBytes: number;
  #roundStartMs = 0;
  #roundConsumed = 0;

  /** @param windowBytes - credit at the start, and kept open ahead of the reader. */
  constructor(windowBytes: number) {
    this.#limit = windowBytes;
    this.#windowBytes = windowBytes;
  }

  /** Whether `bytes` more would break the limit the peer was told. */
  wouldOverflow(bytes: number): boolean {
    return this.received + bytes > this.#limit;
  }

  /** Bytes that have arrived and the reader has not consumed. */
  get unread(): number {
    return this.received - this.#consumed;
  }

  /** Credit kept open ahead of the reader, in bytes. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** The reader has consumed `bytes`. */
  consume(bytes: number): void {
    this.#consumed += bytes;
  }

  /**
   * The new limit when it is time to tell the peer, otherwise 0: at half a window, so that a steady reader never makes
   * the sender wait and small messages cost no frame.
   */
  nextLimit(): number {
    if (this.#limit - this.#consumed > this.#windowBytes / 2) return 0;
    this.#limit = this.#consumed + this.#windowBytes;
    return this.#limit;
  }

  /**
   * Whether the sender is held back by this window alone, so that a larger one would help: half of it was consumed
   * within about half of the shortest round trip. A path that is merely busy does not qualify, and keeps its queues
   * short.
   */
  isHoldingBack(nowMs: number, roundTripMs: number): boolean {
    if (this.#consumed - this.#roundConsumed < this.#windowBytes / 2) return false;
    const elapsedMs = nowMs - this.#roundStartMs;
    const startedAtZero = this.#roundStartMs === 0;
    this.#roundStartMs = nowMs;
    this.#roundConsumed = this.#consumed;
    return !startedAtZero && elapsedMs <= roundTripMs * 0.6;
  }

  /** Keeps `bytes` more open ahead of the reader from now on. */
  grow(bytes: number): void {
    this.#windowBytes += bytes;
  }
}

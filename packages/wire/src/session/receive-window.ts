/** How much longer than the shortest a round trip may take and still count as one. */
const JITTER = 1.2;

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
   * The same for a window that several readers share. One that does not read must not stop the others: it is time at half
   * of what unread bytes leave free.
   */
  nextSharedLimit(): number {
    const gain = this.#consumed + this.#windowBytes - this.#limit;
    if (gain <= 0 || gain < this.#limit - this.received) return 0;
    this.#limit += gain;
    return this.#limit;
  }

  /**
   * Whether the sender is held back by this window alone, so that a larger one would help: half of it is consumed in
   * about one round trip, the shortest seen. Bytes come in records, credit goes back at half a window, so a sender that
   * waits for nothing but credit sends between half a window and a whole one per round trip. A path that is merely busy
   * is slower than that, and keeps its queues short.
   */
  isHoldingBack(nowMs: number, roundTripMs: number): boolean {
    const consumed = this.#consumed - this.#roundConsumed;
    if (consumed < this.#windowBytes / 2) return false;
    const elapsedMs = nowMs - this.#roundStartMs;
    const startedAtZero = this.#roundStartMs === 0;
    this.#roundStartMs = nowMs;
    this.#roundConsumed = this.#consumed;
    const halfWindows = consumed / (this.#windowBytes / 2);
    return !startedAtZero && elapsedMs <= roundTripMs * JITTER * halfWindows;
  }

  /** Keeps `bytes` more open ahead of the reader from now on. */
  grow(bytes: number): void {
    this.#windowBytes += bytes;
  }
}

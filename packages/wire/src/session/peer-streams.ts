import { WireError } from '../errors.ts';
import { STREAM_LIMIT_ERROR } from '../transport-error.ts';

/**
 * Streams the peer opens: how many it may, which it has, and when it may open more (RFC 9000 §4.6). Opening a stream
 * opens every lower one of its type (§3.2), whose first frame may come later.
 */
export class PeerStreams {
  #limit: number;
  #opened = 0;
  #finished = 0;
  readonly #concurrent: number;
  /** Positions below `#opened` whose first frame has not come yet. Never more than the limit lets be open. */
  readonly #silent = new Set<number>();

  /** @param concurrent - how many the peer may have open at once. */
  constructor(concurrent: number) {
    this.#limit = concurrent;
    this.#concurrent = concurrent;
  }

  /**
   * A frame names the stream at `index`, which is not open. Tells whether the frame opens it; if not, it has ended.
   *
   * @throws {@link WireError} when it is beyond the limit.
   */
  opens(index: number): boolean {
    if (index < this.#opened) return this.#silent.delete(index);
    if (index >= this.#limit) {
      throw new WireError(
        STREAM_LIMIT_ERROR,
        `at most ${this.#limit} streams may be opened so far, got number ${index + 1}`,
      );
    }
    for (let skipped = this.#opened; skipped < index; skipped++) this.#silent.add(skipped);
    this.#opened = index + 1;
    return true;
  }

  /**
   * One of the streams has ended. Gives the new limit when it is time to tell the peer, otherwise 0: at once when it can
   * open no more; before that in batches, when half of its credit is used up, so that a small exchange costs no frame.
   */
  finish(): number {
    this.#finished++;
    const left = this.#limit - this.#opened;
    const next = this.#finished + this.#concurrent;
    const isWorthAFrame = left <= this.#concurrent / 2 && next - this.#limit >= this.#concurrent / 8;
    if (left > 0 && !isWorthAFrame) return 0;
    this.#limit = next;
    return next;
  }
}

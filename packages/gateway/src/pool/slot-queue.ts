/**
 * The queue of a pool, without I/O: a stack of `maxsize` slots, each empty or holding a connection. urllib3 fills its
 * queue with `None`; here the empty slots are only counted, and a connection is taken before an empty slot.
 */
export class SlotQueue<Connection> {
  readonly #idle: Connection[] = [];
  #emptySlots: number;
  readonly #maxsize: number;
  #isKeepingNothing = false;

  /** @param maxsize - slots; an integer of at least 1. */
  constructor(maxsize: number) {
    if (!Number.isInteger(maxsize) || maxsize < 1) {
      throw new RangeError(`"maxsize" must be an integer >= 1, got ${maxsize}`);
    }
    this.#maxsize = maxsize;
    this.#emptySlots = maxsize;
  }

  /** Slots that hold a connection. */
  get idleCount(): number {
    return this.#idle.length;
  }

  /** Was {@link SlotQueue.keepNothing} called? */
  get isKeepingNothing(): boolean {
    return this.#isKeepingNothing;
  }

  /** The connection put back last, `null` for an empty slot, `undefined` when every slot is taken. */
  take(): Connection | null | undefined {
    const connection = this.#idle.pop();
    if (connection !== undefined) return connection;
    if (this.#emptySlots === 0) return undefined;
    this.#emptySlots -= 1;
    return null;
  }

  /**
   * Puts a slot back, empty (`null`) or with its connection. `false`: the connection is not kept, because there is no
   * room or because nothing is kept any more; the caller closes it.
   */
  put(connection: Connection | null): boolean {
    if (this.#idle.length + this.#emptySlots >= this.#maxsize) return false;
    if (connection === null || this.#isKeepingNothing) {
      this.#emptySlots += 1;
      return connection === null;
    }
    this.#idle.push(connection);
    return true;
  }

  /** From now on every slot comes back empty. */
  keepNothing(): void {
    this.#isKeepingNothing = true;
  }

  /** Empties every slot that is not taken; returns what was in them. */
  empty(): Connection[] {
    this.#emptySlots += this.#idle.length;
    return this.#idle.splice(0);
  }
}

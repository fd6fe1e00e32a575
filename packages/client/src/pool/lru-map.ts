/** A map that remembers in which order its entries were used. */
export class LruMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();

  /** Number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key, which counts as used. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  /** Sets a value, which counts as used. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }

  /** Removes a key. */
  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** The entries, the least recently used first; the one at hand may be removed. */
  [Symbol.iterator](): IterableIterator<[key: Key, value: Value]> {
    return this.#entries.entries();
  }
}

import type { OriginPools } from '../pool/origin-pools.ts';

/** How a {@link ContextStore} makes and keeps pools. */
export interface ContextStoreOptions {
  readonly createPools: (numPools: number) => OriginPools;
  /** How long pools outlive the last session that declared them, in milliseconds. */
  readonly lingerMs: number;
}

interface Entry {
  readonly numPools: number;
  readonly pools: OriginPools;
  sessions: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The pools of every manager context, by subject and name. They outlive a dropped session for a while, so that a client
 * that comes back finds its connections open, and are never found by another subject.
 */
export class ContextStore {
  readonly #options: ContextStoreOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ContextStoreOptions) {
    this.#options = options;
  }

  /**
   * The pools for a context a session declares; `undefined` when the name stands for another number of pools already.
   *
   * @param generation - connections of an earlier one are closed.
   */
  open(subject: string, name: string, numPools: number, generation = 0): OriginPools | undefined {
    const key = entryKey(subject, name);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { numPools, pools: this.#options.createPools(numPools), sessions: 0, timer: undefined };
      this.#entries.set(key, entry);
    } else if (entry.numPools !== numPools) {
      return undefined;
    }
    clearTimeout(entry.timer);
    entry.sessions++;
    entry.pools.clear(generation);
    return entry.pools;
  }

  /** A session needs a context no longer. `keep`: it may come back, so its pools linger. */
  close(subject: string, name: string, keep: boolean): void {
    const key = entryKey(subject, name);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.sessions--;
    if (entry.sessions > 0) return;
    if (keep) entry.timer = setTimeout(() => this.#forget(key, entry), this.#options.lingerMs).unref();
    else this.#forget(key, entry);
  }

  /** Closes all pools. */
  closeAll(): void {
    for (const [key, entry] of this.#entries) {
      clearTimeout(entry.timer);
      this.#forget(key, entry);
    }
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    entry.pools.close();
  }
}

/** NUL cannot be part of a subject. */
function entryKey(subject: string, name: string): string {
  return `${subject}\0${name}`;
}

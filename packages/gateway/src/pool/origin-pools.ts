import type { Logger } from '../logger.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { OriginConnection } from './origin-connection.ts';
import type { PoolKey } from './pool-key.ts';

/** What {@link OriginPools} is built from. */
export interface OriginPoolsOptions {
  /** Pools kept; the one used longest ago goes first. `0` keeps none. */
  readonly numPools: number;

  /** Makes a connection object of a pool. */
  readonly createConnection: (key: PoolKey) => OriginConnection;

  readonly log: Logger;
}

/** The pools of one manager context, by key. Never shared between subjects. */
export class OriginPools {
  readonly #options: OriginPoolsOptions;
  // A Map keeps the order of insertion: the first is the one used longest ago.
  readonly #pools: Map<string, ConnectionPool> = new Map();
  #lastText: string | undefined;
  /** How often the client has emptied them, as far as is known. */
  #generation = 0;
  #isClosed = false;

  constructor(options: OriginPoolsOptions) {
    if (!Number.isInteger(options.numPools) || options.numPools < 0) {
      throw new RangeError(`"numPools" must be an integer >= 0, got ${options.numPools}`);
    }
    this.#options = options;
  }

  /** Pools kept now. */
  get size(): number {
    return this.#pools.size;
  }

  /** The pool for this key, made if need be; it becomes the one used last. */
  poolFor(key: PoolKey): ConnectionPool {
    const { text } = key;
    const known = this.#pools.get(text);
    if (known !== undefined) {
      if (text === this.#lastText) return known;
      this.#lastText = text;
      this.#pools.delete(text);
      this.#pools.set(text, known);
      return known;
    }
    const pool = this.#create(key);
    this.#lastText = text;
    this.#pools.set(text, pool);
    if (this.#isClosed) this.close();
    else if (this.#pools.size > this.#options.numPools) this.#evictOldest();
    return pool;
  }

  /**
   * Forgets every pool, as {@link OriginPools.forget}, unless that has been done for this generation: several sessions
   * may say it.
   */
  clear(generation: number): void {
    if (generation <= this.#generation) return;
    this.#generation = generation;
    for (const pool of this.#pools.values()) pool.evict();
    this.#pools.clear();
  }

  /**
   * Forgets the pools of a {@link PoolKey.place}, if there are any: idle connections are closed now, the others when their
   * exchange ends. The next request makes another.
   */
  forget(place: string): void {
    for (const [text, pool] of this.#pools) {
      if (!text.startsWith(`${place} `)) continue;
      pool.evict();
      this.#pools.delete(text);
    }
  }

  /** Closes every pool. */
  close(): void {
    this.#isClosed = true;
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
  }

  #create(key: PoolKey): ConnectionPool {
    const { createConnection, log } = this.#options;
    return new ConnectionPool({
      host: key.target.host,
      maxsize: key.settings.maxsize,
      block: key.settings.block,
      createConnection: () => createConnection(key),
      log,
    });
  }

  #evictOldest(): void {
    for (const [text, pool] of this.#pools) {
      this.#pools.delete(text);
      pool.evict();
      return;
    }
  }
}

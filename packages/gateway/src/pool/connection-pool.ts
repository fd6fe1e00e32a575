import { failed } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { OriginConnection } from './origin-connection.ts';
import { SlotQueue } from './slot-queue.ts';

/** What a {@link ConnectionPool} is built from. */
export interface ConnectionPoolOptions {
  /** Host in log lines, as the client named it. */
  readonly host: string;

  /** Connections kept; with `block`, also connections in use at once. At least 1. */
  readonly maxsize: number;

  /** When all are in use: wait for one (`true`), or open one more that is closed after use (`false`). */
  readonly block: boolean;

  /** Makes a connection object. It connects when it is used. */
  readonly createConnection: () => OriginConnection;

  readonly log: Logger;
}

/** How long {@link ConnectionPool.acquire} may wait. */
export interface AcquireOptions {
  /** Longest wait with `block`, in milliseconds; `0` or absent means no limit. */
  readonly poolTimeoutMs?: number;

  /** Leaves the queue. */
  readonly signal?: AbortSignal;
}

/** A connection while one exchange has it. */
export interface Lease {
  readonly connection: OriginConnection;

  /** Gives the slot back, once; `reusable`: the exchange ended cleanly. Otherwise the connection is closed. */
  release(reusable: boolean): void;
}

interface Waiter {
  grant(lease: Lease): void;
  refuse(error: Error): void;
}

/**
 * Connections to one origin, with the semantics of urllib3's queue: last in, first out; `maxsize` slots; a slot always
 * comes back. Waiters are served in the order they came.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #slots: SlotQueue<OriginConnection>;
  readonly #waiters: Set<Waiter> = new Set();
  #isClosed = false;
  #numConnections = 0;
  #numRequests = 0;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    this.#slots = new SlotQueue(options.maxsize);
  }

  /** Connection objects made so far. One that dropped and connected again counts once. */
  get numConnections(): number {
    return this.#numConnections;
  }

  /** Attempts so far, counted before anything is connected or sent. */
  get numRequests(): number {
    return this.#numRequests;
  }

  /** Connections in the pool, connected or not. */
  get idleCount(): number {
    return this.#slots.idleCount;
  }

  /** Exchanges in the queue. */
  get waitingCount(): number {
    return this.#waiters.size;
  }

  /**
   * A connection: at once when there is one or one may be made, else a promise. It rejects with a {@link FailureError}
   * `pool_timeout` or `pool_closed`, or with the signal's reason; nothing is thrown.
   */
  acquire(options: AcquireOptions = {}): Lease | Promise<Lease> {
    if (this.#isClosed) return Promise.reject(failed('pool_closed', this.#options.host));
    const slot = this.#slots.take();
    if (slot !== undefined) return this.#lease(slot ?? this.#create());
    return this.#options.block ? this.#wait(options) : this.#lease(this.#create());
  }

  /** Closes idle connections at once and refuses whoever waits or comes. Exchanges on their way finish. */
  close(): void {
    this.#isClosed = true;
    this.#closeIdle();
    for (const waiter of this.#waiters) waiter.refuse(failed('pool_closed', this.#options.host));
    this.#waiters.clear();
  }

  /** The manager forgets this pool: nothing is kept from now on, but whoever holds it can go on using it. */
  evict(): void {
    this.#slots.keepNothing();
    this.#closeIdle();
  }

  #create(): OriginConnection {
    this.#numConnections += 1;
    const { host, log } = this.#options;
    log.debug({ host }, `Starting new connection (${this.#numConnections}): ${host}`);
    return this.#options.createConnection();
  }

  #lease(connection: OriginConnection): Lease {
    this.#numRequests += 1;
    let isOut = true;
    return {
      connection,
      release: (reusable) => {
        if (!isOut) return;
        isOut = false;
        this.#giveBack(connection, reusable);
      },
    };
  }

  /**
   * There are three cases for a slot that comes back:
   *
   * 1. somebody waits: it is theirs, with its connection if that can be used again;
   * 2. it fits: it is kept, filled or empty;
   * 3. it does not, because the connection was one more than `maxsize`, or the pool keeps nothing now: it is closed.
   */
  #giveBack(connection: OriginConnection, reusable: boolean): void {
    const usable = reusable && !this.#isClosed ? connection : null;
    const [waiter] = this.#waiters;
    if (waiter !== undefined) {
      this.#waiters.delete(waiter);
      if (usable === null) connection.close();
      waiter.grant(this.#lease(usable ?? this.#create()));
      return;
    }
    const isKept = this.#slots.put(usable);
    if (isKept && usable !== null) return;
    connection.close();
    if (!isKept && usable !== null && !this.#slots.isKeepingNothing) this.#warnFull();
  }

  #warnFull(): void {
    const { host, maxsize, log } = this.#options;
    log.warn(
      { host, maxsize },
      `Connection pool is full, discarding connection: ${host}. Connection pool size: ${maxsize}`,
    );
  }

  #wait({ poolTimeoutMs = 0, signal }: AcquireOptions): Promise<Lease> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        grant: (lease) => {
          leave();
          resolve(lease);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = (): void => waiter.refuse(signal?.reason);
      const timer =
        poolTimeoutMs > 0
          ? setTimeout(() => waiter.refuse(failed('pool_timeout', this.#options.host)), poolTimeoutMs)
          : undefined;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  #closeIdle(): void {
    for (const connection of this.#slots.empty()) connection.close();
  }
}

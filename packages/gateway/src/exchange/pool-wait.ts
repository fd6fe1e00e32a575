import type { AcquireOptions } from '../pool/connection-pool.ts';

/** How an exchange waits for a connection. Most never do: the signal is made only for one that does. */
export class PoolWait implements AcquireOptions {
  readonly poolTimeoutMs: number;
  #controller: AbortController | undefined;

  /** @param poolTimeoutMs - longest wait, in milliseconds; 0 for no limit. */
  constructor(poolTimeoutMs: number) {
    this.poolTimeoutMs = poolTimeoutMs;
  }

  /** Aborts when the exchange gives up. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Leaves the queue. */
  giveUp(): void {
    this.#controller?.abort();
  }
}

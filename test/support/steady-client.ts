import type { PoolManager } from '@hip/client';
import type { Origin } from './control.ts';

/** What a {@link SteadyClient} saw. */
export interface SteadyReport {
  /** Requests answered. */
  count: number;
  /** Median time of one request, in milliseconds. */
  medianMs: number;
}

/** A well-behaved user beside whatever else a test does: one request after another, each answer checked. */
export class SteadyClient {
  readonly #http: PoolManager;
  readonly #origin: Origin;
  readonly #timesMs: number[] = [];
  readonly #running: Promise<void>;
  #isStopping = false;

  constructor(http: PoolManager, origin: Origin) {
    this.#http = http;
    this.#origin = origin;
    this.#running = this.#run();
    this.#running.catch(() => {}); // `stop` reports it
  }

  /** Goes on until at least `minimum` requests have been answered; throws where one was wrong. */
  async stop(minimum = 30): Promise<SteadyReport> {
    while (this.#timesMs.length < minimum) {
      await Promise.race([this.#running, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    this.#isStopping = true;
    await this.#running;
    const sorted = this.#timesMs.toSorted((a, b) => a - b);
    return { count: sorted.length, medianMs: sorted[sorted.length >> 1] as number };
  }

  async #run(): Promise<void> {
    for (let i = 0; !this.#isStopping; i++) {
      const startMs = performance.now();
      const response = await this.#http.request('POST', this.#origin.url(`/echo?steady=${i}`), {
        body: `steady ${i}`,
      });
      const echo = (await response.json()) as { target: string; body: string };
      if (echo.body !== `steady ${i}` || echo.target !== `/echo?steady=${i}`) {
        throw new Error(`request ${i} got the answer ${JSON.stringify(echo)}`);
      }
      this.#timesMs.push(performance.now() - startMs);
    }
  }
}

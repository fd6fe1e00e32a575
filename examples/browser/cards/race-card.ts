import type { PoolManager } from '@hip/client';
import { byId, find } from '../view/dom.ts';
import { errorText } from '../view/error-view.ts';

/** Requests of one round, all started at once. */
const REQUESTS = 200;

/** Rounds of each side, taken in turns: the machine's noise hits both. */
const ROUNDS = 5;

/** Requests before the first round, so that both sides have their connections and compiled code. */
const WARM_UP = 40;

type Fetch = (url: string) => Promise<Response>;

/** The card that compares hip with the page's own fetch. */
export function mountRace(http: PoolManager, origin: string): { readonly isRunning: boolean } {
  const button = byId('race-run', HTMLButtonElement);
  const outcome = byId('race-outcome', HTMLParagraphElement);
  const race = new Race(`${origin}/hello`, [
    new Lane('race-hip', (url) => http.fetch(url)),
    new Lane('race-native', (url) => fetch(url)),
  ]);
  button.addEventListener('click', () => {
    void race.run(button, outcome);
  });
  return race;
}

class Race {
  readonly #url: string;
  readonly #lanes: [hip: Lane, native: Lane];
  isRunning = false;

  constructor(url: string, lanes: [hip: Lane, native: Lane]) {
    this.#url = url;
    this.#lanes = lanes;
  }

  async run(button: HTMLButtonElement, outcome: HTMLElement): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    button.setAttribute('aria-disabled', 'true');
    outcome.dataset['kind'] = 'neutral';
    try {
      await this.#rounds(outcome);
      outcome.textContent = this.#verdict();
    } catch (error) {
      outcome.textContent = errorText(error);
      outcome.dataset['kind'] = 'bad';
    } finally {
      this.isRunning = false;
      button.removeAttribute('aria-disabled');
    }
  }

  async #rounds(outcome: HTMLElement): Promise<void> {
    outcome.textContent = 'Warming up both sides.';
    for (const lane of this.#lanes) {
      lane.reset();
      await lane.round(this.#url, WARM_UP);
    }
    for (let round = 1; round <= ROUNDS; round++) {
      outcome.textContent = `Round ${round} of ${ROUNDS}.`;
      // Neither side always goes first.
      for (const lane of round % 2 === 0 ? this.#lanes : this.#lanes.toReversed()) {
        lane.add(await lane.round(this.#url, REQUESTS));
        const scale = Math.max(...this.#lanes.map((one) => one.perSecond));
        for (const one of this.#lanes) one.draw(scale);
      }
    }
  }

  #verdict(): string {
    const [hip, native] = this.#lanes;
    const ratio = hip.perSecond / native.perSecond;
    const words =
      ratio >= 1.05
        ? `hip answered ${ratio.toFixed(1)} times as many per second as the browser's own fetch`
        : ratio > 0.95
          ? "hip and the browser's own fetch were equally fast"
          : `the browser's own fetch answered ${(1 / ratio).toFixed(1)} times as many per second as hip`;
    return `This time ${words}. Median of ${ROUNDS} rounds each, taken in turns.`;
  }
}

/** One side, with its bar. */
class Lane {
  readonly #fetch: Fetch;
  readonly #bar: HTMLElement;
  readonly #output: HTMLOutputElement;
  #results: number[] = [];

  constructor(id: string, fetch: Fetch) {
    const root = byId(id, HTMLDivElement);
    this.#fetch = fetch;
    this.#bar = find(root, '.bar', HTMLSpanElement);
    this.#output = find(root, 'output', HTMLOutputElement);
  }

  /** Requests per second, the median of the rounds so far; 0 before the first. */
  get perSecond(): number {
    const sorted = this.#results.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  }

  reset(): void {
    this.#results = [];
    this.#bar.style.width = '0';
    this.#output.textContent = '–';
  }

  /** Starts all requests at once and reads all bodies. Gives requests per second. */
  async round(url: string, requests: number): Promise<number> {
    const startedMs = performance.now();
    await Promise.all(Array.from({ length: requests }, async () => (await this.#fetch(url)).text()));
    return requests / ((performance.now() - startedMs) / 1_000);
  }

  add(perSecond: number): void {
    this.#results.push(perSecond);
  }

  draw(scale: number): void {
    this.#bar.style.width = `${(this.perSecond / scale) * 100}%`;
    if (this.perSecond > 0)
      this.#output.textContent = `${Math.round(this.perSecond).toLocaleString('en')} req/s`;
  }
}

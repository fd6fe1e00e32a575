import { median } from '../median.ts';
import type { Fetch } from './client.ts';
import { HELLO } from './measurement.ts';

async function getHello(fetch: Fetch, url: string): Promise<void> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200 || text !== HELLO) {
    throw new Error(`small GET must answer 200 "${HELLO}", got ${response.status} "${text.slice(0, 100)}"`);
  }
}

/**
 * Keeps `concurrency` small GETs in flight until `requests` are done; answers requests per second. Each has a URL of
 * its own, as a page's requests have: Chromium's cache would make those for one URL wait for each other.
 */
export async function requestsPerSecond(
  fetch: Fetch,
  url: string,
  requests: number,
  concurrency: number,
): Promise<number> {
  let left = requests;
  async function lane(): Promise<void> {
    while (left > 0) {
      left -= 1;
      await getHello(fetch, `${url}?n=${left}`);
    }
  }
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: concurrency }, lane));
  return (requests / (performance.now() - startedMs)) * 1000;
}

/** Times small GETs one after the other while `goOn` says so; answers each time in milliseconds. */
export async function latenciesMs(
  fetch: Fetch,
  url: string,
  goOn: (done: number) => boolean,
): Promise<number[]> {
  const times: number[] = [];
  while (goOn(times.length)) {
    const startedMs = performance.now();
    await getHello(fetch, url);
    times.push(performance.now() - startedMs);
  }
  return times;
}

/** Median time of `requests` small GETs, one after the other, in milliseconds. */
export async function latencyMs(fetch: Fetch, url: string, requests: number): Promise<number> {
  return median(await latenciesMs(fetch, url, (done) => done < requests));
}

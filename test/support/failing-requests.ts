import { PoolManager } from '@hip/client';
import { type ErrorJSON, errorToJSON } from '@hip/client/error-json';

/** Where a worker's requests go. */
export interface FailingSetup {
  gateway: string;
  token: string;
  /** Redirects to what hangs up instead of answering. */
  redirectUrl: string;
  /** Content that ends before its length. */
  shortUrl: string;
}

/** What a worker posts of a request that failed: the error itself, and as data. */
export interface PostedFailure {
  raw: Error;
  json: ErrorJSON;
}

/** For each way to fail one. Runs in the worker. */
export async function failingRequests(setup: FailingSetup): Promise<PostedFailure[]> {
  const { gateway, token, redirectUrl, shortUrl } = setup;
  const http = new PoolManager({ gateway, token });
  const lost = new PoolManager({ gateway, token: () => Promise.reject(new RangeError('no token today')) });
  const requests: (() => Promise<unknown>)[] = [
    () => http.request('GET', redirectUrl, { retries: 2 }),
    async () => (await http.request('GET', shortUrl, { preloadContent: false })).read(),
    async () => (await http.fetch(shortUrl)).text(),
    () => lost.request('GET', shortUrl),
    () => http.request('GET', shortUrl, { signal: AbortSignal.abort() }),
  ];
  const posted: PostedFailure[] = [];
  for (const request of requests) {
    try {
      await request();
    } catch (raw) {
      posted.push({ raw: raw as Error, json: errorToJSON(raw) });
    }
  }
  await http.close();
  await lost.close();
  return posted;
}

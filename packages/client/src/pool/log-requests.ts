import type { Logger } from '../logger.ts';
import type { HTTPResponse } from './http-response.ts';
import type { RepeatableRequest } from './redirected-request.ts';
import type { Retry } from './retry.ts';

/** Tells a logger of requests, in urllib3's words. A page that sets none does not load it. */
class RequestLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A line for each response; its length is the one announced. */
  response({ method, url }: RepeatableRequest<unknown>, response: HTTPResponse): void {
    const { status, version, headers } = response;
    const [major, minor = 0] = String(version);
    const length = headers.get('content-length') ?? null;
    this.#logger.debug(
      `${url.origin} "${method} ${url.pathname}${url.search} HTTP/${major}.${minor}" ${status} ${length}`,
    );
  }

  /** Why there is another attempt. */
  repeat(retries: Retry, { url }: RepeatableRequest<unknown>): void {
    const last = retries.history.at(-1);
    if (last === undefined) return;
    const next = url.origin + url.pathname + url.search;
    this.#logger.debug(`Incremented Retry for (url='${last.url}'): ${retries}`);
    if (last.redirectLocation !== undefined) this.#logger.info(`Redirecting ${last.url} -> ${next}`);
    else if (last.error === undefined) this.#logger.debug(`Retry: ${next}`);
    else this.#logger.warn(`Retrying (${retries}) after connection broken by '${last.error}': ${next}`);
  }
}

let current: RequestLog | undefined;

/** Tells `logger` of requests from now on. */
export function logRequestsTo(logger: Logger | undefined): void {
  current = logger && new RequestLog(logger);
}

/** What tells the logger of requests, where there is one. */
export function requestLog(): RequestLog | undefined {
  return current;
}

import { HTTPError, PoolError, ReadTimeoutError, type RequestHistory, tellPool } from '../errors.ts';

/**
 * What urllib3's `geturl()` tells of a response: the last `location` that was followed, as it came, else the URL that was
 * asked for. It may be relative; the URL of the last request is what is absolute.
 *
 * urllib3 gives `None` when the last attempt was repeated for its status or an error; this gives what led there.
 *
 * @param requestUrl - what the user asked for.
 */
export function urlOfHistory(history: readonly RequestHistory[], requestUrl: string): string {
  let url = requestUrl;
  for (const { redirectLocation } of history) url = redirectLocation ?? url;
  return url;
}

/** What is told of an error that ends a request. */
export interface RequestEnd {
  /** The pool that was asked, if it was one. */
  readonly pool: unknown;

  /** The attempts before. */
  readonly history: readonly RequestHistory[];
}

/** Tells an error of the request it ends; what it knows, it keeps. @returns the error. */
export function tellEnd(error: unknown, { pool, history }: RequestEnd): unknown {
  if (!(error instanceof HTTPError)) return error;
  if (error.history.length === 0) (error as { history: RequestEnd['history'] }).history = history;
  if (error instanceof PoolError || error instanceof ReadTimeoutError) tellPool(error, error.pool ?? pool);
  return error;
}

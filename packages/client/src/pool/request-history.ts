import type { HTTPError } from '../errors.ts';

/** One attempt that was followed by another, or by the end of the retries (urllib3's `RequestHistory`). */
export interface RequestHistory {
  /** Method that was sent. */
  readonly method: string | undefined;

  /** URL it was sent to, absolute. */
  readonly url: string | undefined;

  /** What went wrong; `undefined` when a response came. */
  readonly error: HTTPError | undefined;

  /** Status of the response, when one came. */
  readonly status: number | undefined;

  /** Where the response redirected to: its `location` as it came, which may be relative. */
  readonly redirectLocation: string | undefined;
}

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

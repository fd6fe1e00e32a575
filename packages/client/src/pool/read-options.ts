import { invalidOption } from '../errors.ts';
import type { RequestEnd } from './request-history.ts';
import type { Retry } from './retry.ts';

/** How a response is to be read. */
export interface ResponseOptions {
  /** Method of the request: a HEAD has no content. */
  readonly method?: string;

  /** See {@link HTTPResponse.decodeContent}. */
  readonly decodeContent?: boolean | undefined;

  /** See {@link HTTPResponse.retries}. */
  readonly retries?: Retry;

  /** What the first request asked for. */
  readonly requestUrl?: string;

  /** What errors of reading are told, where nothing follows them. */
  readonly end?: RequestEnd | undefined;
}

/** How one read differs from what the response has been told. */
export interface ReadOptions {
  /**
   * Whether the `content-encoding` is undone.
   *
   * @defaultValue that of the response
   */
  decodeContent?: boolean;
}

/** How many bytes are to be read: `undefined` for all. */
export function checkAmount(amount: number | undefined): number | undefined {
  if (amount === undefined || amount < 0) return undefined;
  if (Number.isSafeInteger(amount)) return amount;
  throw invalidOption(`amount must be an integer, got ${amount}`);
}

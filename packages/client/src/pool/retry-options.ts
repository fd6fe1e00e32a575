import type { RequestHistory } from '../errors.ts';
import type { RepeatableResponse } from './redirect-location.ts';

/** How often: a number, `null` for no limit of its own, `false` for never. */
export type RetryCount = number | false | null;

/** Options of a {@link Retry}. */
export interface RetryOptions {
  /**
   * Retries and redirects in all; goes before the other counts. `null`: only they count. 0: fail with
   * {@link MaxRetryError} at once. `false`: throw errors as they are, and return redirects.
   *
   * @defaultValue 10, {@link RETRY_DEFAULTS.total}
   */
  total?: RetryCount | undefined;

  /**
   * Retries of errors that came before the origin could have seen the request ({@link HTTPError.sent} is `never`): these
   * are repeated whatever the method. `false`: throw them as they are.
   *
   * @defaultValue null (as many as `total`), {@link RETRY_DEFAULTS.connect}
   */
  connect?: RetryCount | undefined;

  /**
   * Retries of errors that came when the origin may have seen the request: these are repeated for `allowedMethods` only.
   * `false`: throw them as they are.
   *
   * @defaultValue null (as many as `total`), {@link RETRY_DEFAULTS.read}
   */
  read?: RetryCount | undefined;

  /**
   * Redirects that are followed. `false`: none, and the response is returned whatever `raiseOnRedirect` says.
   *
   * @defaultValue null (as many as `total`), {@link RETRY_DEFAULTS.redirect}
   */
  redirect?: RetryCount | undefined;

  /**
   * Retries of responses for their status.
   *
   * @defaultValue null (as many as `total`), {@link RETRY_DEFAULTS.status}
   */
  status?: RetryCount | undefined;

  /**
   * Retries of other errors: TLS with the origin, and a proxy that refuses or whose TLS fails. Repeated whatever the
   * method, unless the origin may have seen the request. `false`: throw them as they are.
   *
   * @defaultValue null (as many as `total`), {@link RETRY_DEFAULTS.other}
   */
  other?: RetryCount | undefined;

  /**
   * Methods that may be sent again when the origin may have seen them; `null` for all. urllib3 takes an empty collection
   * for all, and warns that it will mean none; here it does.
   *
   * @defaultValue DELETE, GET, HEAD, OPTIONS, PUT, TRACE, {@link Retry.DEFAULT_ALLOWED_METHODS}
   */
  allowedMethods?: Iterable<string> | null | undefined;

  /**
   * Statuses whose responses are retried, for `allowedMethods`; `null` for none.
   *
   * @defaultValue none, {@link RETRY_DEFAULTS.statusForcelist}
   */
  statusForcelist?: Iterable<number> | null | undefined;

  /**
   * Pause before the second retry in a row, halved, in milliseconds; it doubles with each further one. The first retry
   * does not wait: 100 gives 0, 200, 400, 800. urllib3's is in seconds.
   *
   * @defaultValue 0, {@link RETRY_DEFAULTS.backoffFactor}
   */
  backoffFactor?: number | undefined;

  /**
   * Longest pause that doubling and jitter lead to, in milliseconds.
   *
   * @defaultValue 120_000 (2 minutes), {@link RETRY_DEFAULTS.backoffMax}
   */
  backoffMax?: number | undefined;

  /**
   * Up to how much is added to a pause by chance, in milliseconds.
   *
   * @defaultValue 0, {@link RETRY_DEFAULTS.backoffJitter}
   */
  backoffJitter?: number | undefined;

  /**
   * Whether a redirect too many is a {@link MaxRetryError}; otherwise its response is returned.
   *
   * @defaultValue true, {@link RETRY_DEFAULTS.raiseOnRedirect}
   */
  raiseOnRedirect?: boolean | undefined;

  /**
   * Whether a status too many is a {@link MaxRetryError}; otherwise its response is returned.
   *
   * @defaultValue true, {@link RETRY_DEFAULTS.raiseOnStatus}
   */
  raiseOnStatus?: boolean | undefined;

  /**
   * What has happened so far.
   *
   * @defaultValue none, {@link RETRY_DEFAULTS.history}
   */
  history?: readonly RequestHistory[] | undefined;

  /**
   * Whether `retry-after` is heard: as the pause before the next request, and, with a status of
   * {@link Retry.RETRY_AFTER_STATUS_CODES}, as the wish for one.
   *
   * @defaultValue true, {@link RETRY_DEFAULTS.respectRetryAfterHeader}
   */
  respectRetryAfterHeader?: boolean | undefined;

  /**
   * Fields that are not sent to another origin than they were meant for; names have no case.
   *
   * @defaultValue authorization, cookie, proxy-authorization, {@link Retry.DEFAULT_REMOVE_HEADERS_ON_REDIRECT}
   */
  removeHeadersOnRedirect?: Iterable<string> | undefined;

  /**
   * Longest time an origin may ask for with `retry-after`, in milliseconds.
   *
   * @defaultValue 21_600_000 (6 hours), {@link RETRY_DEFAULTS.retryAfterMax}
   */
  retryAfterMax?: number | undefined;
}

/** An attempt that did not give the response that was wanted. */
export interface FailedAttempt {
  /** Method that was sent. */
  readonly method?: string | undefined;

  /** URL it was sent to, absolute. */
  readonly url?: string | undefined;

  /** What came. */
  readonly response?: RepeatableResponse | undefined;

  /** What was thrown instead. */
  readonly error?: unknown;

  /** Named by the {@link MaxRetryError}. */
  readonly pool?: unknown;
}

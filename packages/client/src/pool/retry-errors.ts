import {
  type ErrorCode,
  HTTPError,
  PoolError,
  type RequestHistory,
  TimeoutError,
  tellPool,
} from '../errors.ts';
import type { Retry } from './retry.ts';

/** A request to a pool failed (urllib3). */
export class RequestError extends PoolError {
  override readonly name: string = 'RequestError';

  /**
   * For the library, and for tests of code that catches errors.
   *
   * @param pool - {@link PoolError.pool}.
   * @param url - {@link HTTPError.url}.
   */
  constructor(pool: unknown, url: string | undefined, code: ErrorCode, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? { url } : { cause, url });
    tellPool(this, pool);
  }
}

/**
 * A request failed as often as its {@link Retry} allows (urllib3). `code` is that of {@link MaxRetryError.reason}, so that
 * a `switch` need not look for it.
 */
export class MaxRetryError extends RequestError {
  override readonly name = 'MaxRetryError';

  /** What went wrong in the last attempt: its error, or a {@link ResponseError} when it was answered. Also the `cause`. */
  readonly reason: HTTPError;

  /** Every attempt, in order, the last one too; urllib3 does not tell. */
  override readonly history: readonly RequestHistory[];

  /** Whether the origin could have seen the request in any of the attempts. */
  override readonly sent: HTTPError['sent'];

  /**
   * For the library, and for tests of code that catches errors.
   *
   * @param reason - {@link MaxRetryError.reason}.
   * @param history - {@link MaxRetryError.history}.
   */
  constructor(
    pool: unknown,
    url: string | undefined,
    reason: HTTPError,
    history: readonly RequestHistory[] = [],
  ) {
    const message = `Max retries exceeded with url: ${url} (Caused by ${reason.name}: ${reason.message})`;
    super(pool, url, reason.code, message, reason);
    this.reason = reason;
    this.history = history;
    const sent = history.map(({ error }) => error?.sent ?? 'always');
    this.sent = (['always', 'maybe'] as const).find((answer) => sent.includes(answer)) ?? 'never';
  }
}

/** The {@link MaxRetryError.reason} where the last attempt was answered (urllib3). */
export class ResponseError extends HTTPError {
  override readonly name = 'ResponseError';
  override readonly sent = 'always';
}

/** A pool for one origin was asked for another, or led there by a redirect (urllib3). */
export class HostChangedError extends RequestError {
  override readonly name = 'HostChangedError';
  override readonly sent: HTTPError['sent'];

  /** What is left of the retries. Not enumerable, like the pool. */
  declare readonly retries: Retry | undefined;

  /**
   * For the library, and for tests of code that catches errors.
   *
   * @param url - where it was to go.
   * @param sent - `always` when it was led there.
   * @param retries - {@link HostChangedError.retries}.
   */
  constructor(pool: unknown, url: string, sent: HTTPError['sent'] = 'never', retries?: Retry) {
    super(pool, url, 'host_changed', `Tried to open a foreign host with url: ${url}`);
    this.sent = sent;
    Object.defineProperty(this, 'retries', { value: retries });
  }
}

/** A request was to be sent again, and its body is gone (urllib3). What happened before is the `cause`. */
export class UnrewindableBodyError extends HTTPError {
  override readonly name = 'UnrewindableBodyError';
  override readonly sent = 'maybe';
}

/** A header field of a response holds what it must not (urllib3). */
export class InvalidHeader extends HTTPError {
  override readonly name = 'InvalidHeader';
  override readonly sent = 'always';
}

/** A request, its retries and its content took longer than {@link TimeoutOptions.deadline}. urllib3 has none. */
export class DeadlineError extends TimeoutError {
  override readonly name = 'DeadlineError';
  override readonly sent = 'maybe';
}

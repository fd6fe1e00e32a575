import { type ErrorCode, HTTPError, PoolError, TimeoutError } from '../errors.ts';
import type { RequestHistory } from './request-history.ts';

/** Codes of the errors below, as far as no row of the wire's table fits. */
export type RetryErrorCode =
  | 'too_many_redirects'
  | 'too_many_error_responses'
  | 'body_unrewindable'
  | 'host_changed'
  | 'invalid_header'
  | 'invalid_location'
  | 'deadline_exceeded';

/** A code of this file as one of all. */
export function retryErrorCode(code: RetryErrorCode): ErrorCode {
  return code as string as ErrorCode;
}

/** A request to a pool failed (urllib3). */
export class RequestError extends PoolError {
  override readonly name: string = 'RequestError';

  /** The pool, where the request was made with one. */
  readonly pool: unknown;

  /** URL of the request, absolute. */
  readonly url: string | undefined;

  /** @param pool - {@link RequestError.pool}. @param url - {@link RequestError.url}. */
  constructor(pool: unknown, url: string | undefined, code: ErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause });
    this.pool = pool;
    this.url = url;
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

  /** Every attempt, in order; urllib3 does not tell. */
  readonly history: readonly RequestHistory[];

  /** Whether the origin could have seen the request in any of the attempts. */
  override readonly sent: HTTPError['sent'];

  /** @param reason - {@link MaxRetryError.reason}. @param history - {@link MaxRetryError.history}. */
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

  /** @param url - where it was to go. @param sent - `always` when it was led there. */
  constructor(pool: unknown, url: string, sent: HTTPError['sent'] = 'never') {
    super(pool, url, retryErrorCode('host_changed'), `Tried to open a foreign host with url: ${url}`);
    this.sent = sent;
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

/** A location cannot be requested (urllib3). */
export class LocationValueError extends HTTPError {
  override readonly name: string = 'LocationValueError';
  override readonly sent: HTTPError['sent'];

  /** @param message - for a person. @param sent - `always` when a redirect led there. */
  constructor(message: string, sent: HTTPError['sent'] = 'never') {
    super(retryErrorCode('invalid_location'), message);
    this.sent = sent;
  }
}

/** A location is no URL (urllib3). */
export class LocationParseError extends LocationValueError {
  override readonly name = 'LocationParseError';

  /** What was no URL. */
  readonly location: string;

  /** @param location - {@link LocationParseError.location}. @param sent - `always` when a redirect led there. */
  constructor(location: string, sent?: HTTPError['sent']) {
    super(`Failed to parse: ${location}`, sent);
    this.location = location;
  }
}

/** A location is neither `http:` nor `https:` (urllib3). */
export class URLSchemeUnknown extends LocationValueError {
  override readonly name = 'URLSchemeUnknown';

  /** The scheme, without its colon. */
  readonly scheme: string;

  /** @param scheme - {@link URLSchemeUnknown.scheme}. @param sent - `always` when a redirect led there. */
  constructor(scheme: string, sent?: HTTPError['sent']) {
    super(`Not supported URL scheme ${scheme}`, sent);
    this.scheme = scheme;
  }
}

/** A request, its retries and its content took longer than {@link TimeoutOptions.deadline}. urllib3 has none. */
export class DeadlineError extends TimeoutError {
  override readonly name = 'DeadlineError';
  override readonly sent = 'maybe';
}

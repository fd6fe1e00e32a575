import * as DEFAULTS from '../defaults.ts';
import {
  HTTPError,
  invalidOption,
  ProtocolError,
  ProxyError,
  type RequestHistory,
  SessionError,
  SSLError,
  TimeoutError,
} from '../errors.ts';
import { checkNames } from './check-options.ts';
import { type RepeatableResponse, redirectLocation } from './redirect-location.ts';
import { retryAfterMs } from './retry-after.ts';
import { RETRY_DEFAULTS } from './retry-defaults.ts';
import { MaxRetryError, ResponseError } from './retry-errors.ts';
import type { FailedAttempt, RetryCount, RetryOptions } from './retry-options.ts';

/** What must not fall below 0. */
const COUNTERS = ['total', 'connect', 'read', 'redirect', 'status', 'other'] as const;

/** Every option, in the order they are told in. */
const NAMES = Object.keys(RETRY_DEFAULTS) as (keyof RetryOptions)[];

/** Codes of errors that end the matter though others of their class do not. */
const POINTLESS: readonly string[] = ['cancelled', 'deadline_exceeded', 'tls_configuration_error'];

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * How often a request is sent again, why, and after which pause (urllib3's `Retry`). A value: what counts down is a new
 * one for each attempt, so that one `Retry` may serve any number of requests at once.
 *
 * @example
 * ```ts
 * const retries = new Retry({ total: 5, backoffFactor: 100, statusForcelist: [502, 503, 504] });
 * ```
 */
export class Retry {
  /** DELETE, GET, HEAD, OPTIONS, PUT and TRACE: they do the same when they are done twice (RFC 9110 §9.2.2). */
  static readonly DEFAULT_ALLOWED_METHODS: ReadonlySet<string> = RETRY_DEFAULTS.allowedMethods;

  /** Statuses that are retried when `retry-after` says when: 413, 429, 503. */
  static readonly RETRY_AFTER_STATUS_CODES: ReadonlySet<number> = new Set([413, 429, 503]);

  /** Fields that say who asks: `authorization`, `cookie`, `proxy-authorization`. */
  static readonly DEFAULT_REMOVE_HEADERS_ON_REDIRECT: ReadonlySet<string> =
    RETRY_DEFAULTS.removeHeadersOnRedirect;

  /** What holds where nothing is said: {@link DEFAULTS.retries}. */
  static readonly DEFAULT: Retry = new Retry(DEFAULTS.retries);

  /** What is left of {@link RetryOptions.total}. */
  declare readonly total: RetryCount;

  /** What is left of {@link RetryOptions.connect}. */
  declare readonly connect: RetryCount;

  /** What is left of {@link RetryOptions.read}. */
  declare readonly read: RetryCount;

  /** What is left of {@link RetryOptions.redirect}. */
  declare readonly redirect: RetryCount;

  /** What is left of {@link RetryOptions.status}. */
  declare readonly status: RetryCount;

  /** What is left of {@link RetryOptions.other}. */
  declare readonly other: RetryCount;

  /** {@link RetryOptions.allowedMethods}, in upper case. */
  declare readonly allowedMethods: ReadonlySet<string> | null;

  /** {@link RetryOptions.statusForcelist}. */
  declare readonly statusForcelist: ReadonlySet<number>;

  /** {@link RetryOptions.backoffFactor}, in milliseconds. */
  declare readonly backoffFactor: number;

  /** {@link RetryOptions.backoffMax}, in milliseconds. */
  declare readonly backoffMax: number;

  /** {@link RetryOptions.backoffJitter}, in milliseconds. */
  declare readonly backoffJitter: number;

  /** {@link RetryOptions.raiseOnRedirect}. */
  declare readonly raiseOnRedirect: boolean;

  /** {@link RetryOptions.raiseOnStatus}. */
  declare readonly raiseOnStatus: boolean;

  /** Attempts that were followed by another, in order. */
  declare readonly history: readonly RequestHistory[];

  /** {@link RetryOptions.respectRetryAfterHeader}. */
  declare readonly respectRetryAfterHeader: boolean;

  /** {@link RetryOptions.removeHeadersOnRedirect}, in lower case. */
  declare readonly removeHeadersOnRedirect: ReadonlySet<string>;

  /** {@link RetryOptions.retryAfterMax}, in milliseconds. */
  declare readonly retryAfterMax: number;

  /**
   * @param options - a count is the `total`.
   * @throws {@link InvalidRequestError} naming the option, what was expected and what came.
   */
  constructor(options: RetryOptions | RetryCount = {}) {
    const given = typeof options === 'object' && options !== null ? options : { total: options };
    checkNames('Retry', given, NAMES);
    const own = this as Writable<Required<RetryOptions>>;
    Object.assign(own, Object.fromEntries(NAMES.map((name) => [name, checked(name, given[name])])));
    if (own.allowedMethods) own.allowedMethods = setOf(own.allowedMethods, (method) => method.toUpperCase());
    own.statusForcelist = new Set(own.statusForcelist);
    own.removeHeadersOnRedirect = setOf(own.removeHeadersOnRedirect, (name) => name.toLowerCase());
    if (own.redirect !== false && own.total !== false) return;
    own.redirect = 0;
    own.raiseOnRedirect = false;
  }

  /**
   * What `retries` of a request or pool means (urllib3's `from_int()`).
   *
   * @param retries - a number or `false` is the `total`; nothing is `fallback`.
   * @param redirect - with `false` redirects are returned; has no say over a `Retry`, which has its own.
   * @param fallback - the pool's own; {@link Retry.DEFAULT} when it has none.
   * @throws {@link InvalidRequestError} when it can be none.
   */
  static fromInt(
    retries: Retry | number | false | null | undefined,
    redirect = true,
    fallback: Retry | number | false | null = Retry.DEFAULT,
  ): Retry {
    const given = retries ?? fallback ?? Retry.DEFAULT;
    return given instanceof Retry ? given : new Retry({ total: given, redirect: redirect && null });
  }

  /** The same with other options (urllib3's `new()`). @throws as the constructor. */
  new(changes: RetryOptions): this {
    const own = Object.fromEntries(NAMES.map((name) => [name, this[name]]));
    return new (this.constructor as new (options: RetryOptions) => this)({ ...own, ...changes });
  }

  /**
   * What is left after an attempt that is to be followed by another.
   *
   * An error counts against `connect` when the origin cannot have seen the request, else against `read`; those of TLS,
   * and of a proxy that was reached, against `other`. When the origin may have seen the request, its method must be one
   * of `allowedMethods`. urllib3 asks that of read errors only.
   *
   * @throws {@link MaxRetryError} when nothing is left. The error as it is, when it must not or need not be repeated:
   * because of what this `Retry` says, or because repeating it changes nothing (a refusal of the gateway, options that
   * cannot be honoured, a pool that is closed or stays full, a session that could not be had).
   */
  increment({ method, url, response, error, pool }: FailedAttempt): this {
    const status = response?.status;
    const location = response && redirectLocation(response);
    const counter =
      error !== undefined
        ? this.#counterOf(error, method)
        : location === undefined
          ? response && 'status'
          : 'redirect';
    const attempt = {
      method,
      url,
      error: error as HTTPError | undefined,
      status,
      redirectLocation: location,
    };
    const changes: RetryOptions = { total: less(this.total), history: [...this.history, attempt] };
    if (counter !== undefined) changes[counter] = less(this[counter]);
    const left = this.new(changes);
    if (!left.isExhausted()) return left;
    throw new MaxRetryError(pool, url, attempt.error ?? tooMany(location, status), left.history);
  }

  /** Whether a response is retried for its status. */
  isRetry(method: string, status: number, hasRetryAfter = false): boolean {
    if (!this.#allows(method)) return false;
    if (this.statusForcelist.has(status)) return true;
    return (
      Boolean(this.total) &&
      this.respectRetryAfterHeader &&
      hasRetryAfter &&
      Retry.RETRY_AFTER_STATUS_CODES.has(status)
    );
  }

  /** Whether more was used than there was. */
  isExhausted(): boolean {
    return COUNTERS.some((name) => Number(this[name]) < 0);
  }

  /**
   * The pause before the next attempt that nobody asked for, in milliseconds: none after a redirect or the first
   * failure, then doubling.
   *
   * @param random - from 0 to 1.
   */
  getBackoffTime(random: number = Math.random()): number {
    let failures = 0;
    for (const { redirectLocation: location } of this.history)
      failures = location === undefined ? failures + 1 : 0;
    if (failures < 2) return 0;
    const pauseMs = this.backoffFactor * 2 ** (failures - 1) + random * this.backoffJitter;
    return Math.min(this.backoffMax, pauseMs);
  }

  /**
   * What a `retry-after` means, in milliseconds, at most {@link Retry.retryAfterMax}.
   *
   * @param nowMs - since 1970.
   * @throws {@link InvalidHeader} when it is neither seconds nor a date.
   */
  parseRetryAfter(value: string, nowMs: number = Date.now()): number {
    return Math.min(this.retryAfterMax, retryAfterMs(value, nowMs));
  }

  /**
   * What the `retry-after` of a response means, in milliseconds; `undefined` without one.
   *
   * @param nowMs - since 1970.
   * @throws {@link InvalidHeader} when it is neither seconds nor a date.
   */
  getRetryAfter({ headers }: RepeatableResponse, nowMs?: number): number | undefined {
    const value = headers.get('retry-after');
    return value ? this.parseRetryAfter(value, nowMs) : undefined;
  }

  /**
   * The pause before the next attempt, in milliseconds: what the response asks for, else the backoff. urllib3's `sleep()`
   * waits itself; its redirects between hosts do not wait, though "the minimum time that the user agent is asked to wait
   * before issuing the redirected request" is what it is (RFC 9110 §10.2.3).
   *
   * @param response - of the last attempt, if it had one.
   * @param nowMs - since 1970.
   * @throws {@link InvalidHeader} when its `retry-after` is neither seconds nor a date.
   */
  delayMs(response?: RepeatableResponse, nowMs?: number): number {
    const asked = response && this.respectRetryAfterHeader && this.getRetryAfter(response, nowMs);
    return asked || this.getBackoffTime();
  }

  /** For a log, as urllib3 shows it. */
  toString(): string {
    return `Retry(${COUNTERS.map((name) => `${name}=${this[name]}`).join(', ')})`;
  }

  #allows(method: string | undefined): boolean {
    return method !== undefined && (this.allowedMethods?.has(method.toUpperCase()) ?? true);
  }

  /** The counter an error uses up. Throws the error when nothing may follow it. */
  #counterOf(error: unknown, method: string | undefined): 'connect' | 'read' | 'other' {
    const counter = counterOf(error);
    if (
      counter === undefined ||
      this.total === false ||
      this[counter] === false ||
      ((error as HTTPError).sent !== 'never' && !this.#allows(method))
    ) {
      throw error;
    }
    return counter;
  }
}

/**
 * The counter an error uses up; `undefined` when another attempt would change nothing. Whether the origin can have seen
 * the request is for the error to say (PROTOCOL.md, the table of failures), not for its class.
 */
function counterOf(error: unknown): 'connect' | 'read' | 'other' | undefined {
  if (!(error instanceof HTTPError) || POINTLESS.includes(error.code)) return undefined;
  if (error instanceof SSLError) return 'other';
  // A proxy that cannot be reached is a connection that cannot be made, as in urllib3.
  if (error instanceof ProxyError) return error.code.startsWith('proxy_connection') ? 'connect' : 'other';
  const isUnsent = error.sent === 'never';
  // Sessions are tried again by whoever opens them, for as long as makes sense; one that was lost is another matter.
  if (error instanceof SessionError) return isUnsent ? undefined : 'read';
  if (!(error instanceof TimeoutError || error instanceof ProtocolError)) return undefined;
  return isUnsent ? 'connect' : 'read';
}

function tooMany(location: string | undefined, status: number | undefined): ResponseError {
  return location === undefined
    ? new ResponseError('too_many_error_responses', `too many ${status ? `${status} ` : ''}error responses`)
    : new ResponseError('too_many_redirects', 'too many redirects');
}

function less(count: RetryCount): RetryCount {
  return count === null ? null : Number(count) - 1;
}

/** The value of an option, of the kind its default is of. */
function checked(name: keyof RetryOptions, value: unknown): unknown {
  const fallback: unknown = RETRY_DEFAULTS[name];
  if (value === undefined) return fallback;
  let expected: string;
  if ((COUNTERS as readonly string[]).includes(name)) {
    if (value === null || value === false || Number.isSafeInteger(value)) return value;
    expected = 'an integer, null or false';
  } else if (typeof fallback === 'object') {
    // A text is iterable, too, but 'GET' is not three methods.
    if (value === null || (typeof value === 'object' && Symbol.iterator in value)) return value;
    expected = 'an array, a Set or null';
  } else if (typeof fallback === 'boolean') {
    if (typeof value === 'boolean') return value;
    expected = 'true or false';
  } else {
    if (typeof value === 'number' && value >= 0) return value;
    expected = 'milliseconds from 0';
  }
  throw invalidOption(`Retry.${name} must be ${expected}, got ${String(value)}`);
}

function setOf(values: Iterable<string> | null | undefined, normal: (value: string) => string): Set<string> {
  return new Set(Array.from(values ?? [], normal));
}

/** Options of a {@link Retry} that was given none: urllib3's values, its seconds in milliseconds. */
export const RETRY_DEFAULTS = {
  /** Enough to get past a fault, too few to be one. */
  total: 10,
  /** As many as `total`. */
  connect: null,
  /** As many as `total`. */
  read: null,
  /** As many as `total`. */
  redirect: null,
  /** As many as `total`. */
  status: null,
  /** As many as `total`. */
  other: null,
  /** Methods that do the same when they are done twice (RFC 9110 §9.2.2). */
  allowedMethods: new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'TRACE']),
  /** What a status means is for the caller to say. */
  statusForcelist: new Set<number>(),
  /** Retries follow at once unless one asks for pauses, in milliseconds. */
  backoffFactor: 0,
  /** Longest pause that doubling leads to, in milliseconds. */
  backoffMax: 120_000,
  /** Pauses are exact unless one asks for chance, in milliseconds. */
  backoffJitter: 0,
  /** Too many redirects are an error. */
  raiseOnRedirect: true,
  /** So are too many bad statuses. */
  raiseOnStatus: true,
  /** Nothing has happened yet. */
  history: [],
  /** An origin that says when to come again is heard. */
  respectRetryAfterHeader: true,
  /** Fields that say who asks: no other origin is to learn them. */
  removeHeadersOnRedirect: new Set(['authorization', 'cookie', 'proxy-authorization']),
  /** Longest time an origin may ask for with `retry-after`, in milliseconds; no RFC bounds it. */
  retryAfterMax: 21_600_000,
} as const;

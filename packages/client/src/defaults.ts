/**
 * Values that hold where the user says nothing, `DEFAULTS` as a whole. Those of an option are named where it is documented;
 * the others are fixed. A module and not an object, so that a page loads numbers and no names.
 *
 * @module
 */

/** Pools a manager keeps; urllib3's `num_pools`. */
export const numPools = 10;

/** Connections kept per pool; urllib3's `maxsize`. */
export const maxsize = 1;

/** urllib3's `block`. */
export const block = false;

/** Retries and redirects of a request in all, where none are given; urllib3's `Retry.DEFAULT`. */
export const retries = 3;

/** How long a request waits for a session with the gateway, reconnecting meanwhile, in milliseconds. */
export const sessionTimeoutMs = 10_000;

/** Sessions one manager opens at most; each carries as many exchanges as the gateway allows (256 by default). */
export const maxSessions = 8;

/** How long a session without exchanges is kept, in milliseconds: longer than a person reads a page. */
export const sessionIdleMs = 300_000;

/** First pause before a session is tried again, in milliseconds; it doubles, with jitter. */
export const reconnectBaseMs = 50;

/** Longest pause before a session is tried again, in milliseconds. */
export const reconnectMaxMs = 5_000;

/** How often a session with work to do is looked at, in milliseconds; when half of it was silent, it is asked for a sign of life. */
export const pingIntervalMs = 5_000;

/**
 * How long a sign of life may take before the session counts as lost, in milliseconds: it may stand behind what a slow
 * path still holds.
 */
export const pingTimeoutMs = 10_000;

/** The same where a request begins on a session that was idle, in milliseconds: the path is empty. */
export const wakeTimeoutMs = 5_000;

/**
 * Silence from which an idle session may well be dead, in milliseconds: our gateway gives a sign of life every 15 s. What
 * must not be sent twice then waits for one.
 */
export const doubtMs = 20_000;

/**
 * How often `fetch()` sends a request again that was cut off by the end of its session, where it does the same when it is
 * done twice (RFC 9110 §9.2.2). {@link PoolManager.request} has `Retry` for that.
 */
export const fetchRepeats = 2;

/** Bytes {@link HTTPResponse.stream} gives at a time; urllib3's `amt`. */
export const streamAmountBytes = 65_536;

/** What is read of a response that is not wanted, in bytes: a window of TCP at its start, several times. */
export const maxDrainBytes = 65_536;

/** How long such a response may take, in milliseconds: a new connection takes less. */
export const drainTimeoutMs = 1_000;

/** Shortest time between two events of progress, in milliseconds; what XMLHttpRequest has. */
export const progressIntervalMs = 50;

/** `timeout` of {@link request}, in milliseconds; urllib3's. */
export const requestTimeoutMs = 3_000;

/** Redirects {@link PoolManager.fetch} follows; the Fetch standard's HTTP-redirect fetch, step 7. */
export const maxFetchRedirects = 20;

/** Longest message of a WebSocket that is received, in bytes: 100 MiB, what `ws` takes. */
export const maxMessageBytes = 104_857_600;

/** Longest event of an event source that is received, in characters. */
export const maxEventLength = 16_777_216;

/** Pause before an event source connects again, in milliseconds: Chromium's, until the origin names another. */
export const reconnectionTimeMs = 3_000;

/** `user-agent` of a request that names none. */
export const userAgent = 'hip/0.1.0';

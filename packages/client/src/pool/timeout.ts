import type { RequestOptions } from '@hip/wire';
import { type InvalidRequestError, invalidOption } from '../errors.ts';
import { checkNames } from './check-options.ts';

/** Options of a {@link Timeout}, in milliseconds; `null` for no limit but the gateway's. */
export interface TimeoutOptions {
  /**
   * For connecting, sending and the first silence together, for each attempt: what connecting and sending took is taken off
   * `read` (urllib3's `total`). It does not limit the content; `deadline` does.
   *
   * @defaultValue no limit
   */
  total?: number | null | undefined;

  /**
   * Until a connection to the origin is usable: name resolution, TCP, proxies, TLS. urllib3's holds for each address
   * tried, not for the resolution, and a TLS handshake that takes longer is a read timeout there.
   *
   * @defaultValue no limit
   */
  connect?: number | null | undefined;

  /**
   * Longest silence of the origin while the response is awaited or read.
   *
   * @defaultValue no limit
   */
  read?: number | null | undefined;

  /**
   * For everything: the wait for a session and a connection, retries and the pauses between them, redirects, and the
   * content to its end. urllib3 has nothing like it.
   *
   * @defaultValue no limit
   */
  deadline?: number | null | undefined;
}

const NAMES = ['total', 'connect', 'read', 'deadline'] as const;

/**
 * How long a request may take (urllib3's `Timeout`), in milliseconds. A value without a clock: the same one may serve
 * any number of attempts and requests at once, so it needs no `clone()` and no `start_connect()`.
 */
export class Timeout {
  /** {@link TimeoutOptions.total}, in milliseconds. */
  readonly total: number | null;

  /** {@link TimeoutOptions.connect}, in milliseconds. */
  readonly connect: number | null;

  /** {@link TimeoutOptions.read}, in milliseconds. */
  readonly read: number | null;

  /** {@link TimeoutOptions.deadline}, in milliseconds. */
  readonly deadline: number | null;

  /**
   * @param options - what is left out has no limit but the gateway's.
   * @throws {@link InvalidRequestError} naming the timeout, what was expected and what came.
   */
  constructor(options: TimeoutOptions = {}) {
    checkNames('Timeout', options, NAMES);
    this.total = checked('total', options.total);
    this.connect = checked('connect', options.connect);
    this.read = checked('read', options.read);
    this.deadline = checked('deadline', options.deadline);
  }

  /**
   * The same limit for `connect` and `read`, and no other (urllib3's `from_float()`).
   *
   * @param timeout - in milliseconds.
   * @throws {@link InvalidRequestError} when it cannot be one.
   */
  static fromNumber(timeout: number | null): Timeout {
    return new Timeout({ connect: timeout, read: timeout });
  }

  /**
   * What `timeout` of a request or pool means.
   *
   * @throws {@link InvalidRequestError} when it cannot be one.
   */
  static from(timeout: Timeout | TimeoutOptions | number | null): Timeout {
    if (timeout instanceof Timeout) return timeout;
    return typeof timeout === 'object' && timeout !== null
      ? new Timeout(timeout)
      : Timeout.fromNumber(timeout);
  }

  /** Until a connection is usable, in milliseconds: `connect`, or `total` where that is less. */
  get connectTimeout(): number | null {
    return shorter(this.connect, this.total);
  }

  /**
   * Longest silence, in milliseconds: `read`, or what is left of `total` where that is less; 0 when nothing is left.
   *
   * @param elapsedMs - what connecting took; 0 when left out.
   */
  readTimeout(elapsedMs = 0): number | null {
    return shorter(this.read, this.total && Math.max(0, this.total - elapsedMs));
  }

  /**
   * What the gateway is asked for: it connects, so it alone knows what connecting took and what is left of `total` to read.
   */
  requestOptions(): RequestOptions {
    const options: RequestOptions = {};
    for (const name of ['connect', 'read', 'total'] as const) {
      const value = this[name];
      // Times are whole milliseconds there, and 0 would mean no limit.
      if (value !== null) options[`${name}TimeoutMs`] = Math.ceil(value);
    }
    return options;
  }
}

function shorter(one: number | null, other: number | null): number | null {
  return one === null || (other !== null && other < one) ? other : one;
}

/** The value of a timeout that can be one; the words are urllib3's. */
function checked(name: (typeof NAMES)[number], value: number | null | undefined): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') throw refusal('Timeout cannot be a boolean value. It must be');
  if (typeof value !== 'number' || !Number.isSafeInteger(Math.ceil(value))) {
    throw refusal(`Timeout value ${name} was ${value}, but it must be`);
  }
  if (value > 0) return value;
  throw invalidOption(
    `Attempted to set ${name} timeout to ${value}, but the timeout cannot be set to a value less than or equal to 0.`,
  );
}

function refusal(beginning: string): InvalidRequestError {
  return invalidOption(`${beginning} a number of milliseconds or null.`);
}

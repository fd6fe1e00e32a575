import { InvalidHeader } from './retry-errors.ts';

/**
 * Every date of RFC 9110 §5.6.7 and hardly anything else: `Date.parse()` alone takes "-1" and "1.0" for dates, too. What
 * comes before the time is bounded, so that a long value takes no long time.
 */
const HTTP_DATE = /^(?=.{0,14}[a-z]{3}[ -])[^:]{5,24}\d\d:\d\d:\d\d( [a-z]+| [+-]?\d{4})?\s*$/i;

/**
 * How long a `retry-after` asks to wait, in milliseconds; 0 for a date that has passed (RFC 9110 §10.2.3).
 *
 * @param nowMs - since 1970, as `Date.now()` gives it.
 * @throws {@link InvalidHeader} when it is neither seconds nor a date.
 */
export function retryAfterMs(value: string, nowMs: number): number {
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  let atMs = Number.NaN;
  if (HTTP_DATE.test(value)) {
    // The form of asctime() is in UTC as well, but names no zone. Not every engine knows the hyphens of RFC 850.
    const zone = /([a-z]|[+-]\d{4})\s*$/i.test(value) ? '' : ' GMT';
    atMs = Date.parse(value.replace(/(\d)-(\w+)-/, '$1 $2 ') + zone);
  }
  if (!Number.isNaN(atMs)) return Math.max(0, atMs - nowMs);
  throw new InvalidHeader('invalid_header', `Invalid Retry-After header: ${value}`);
}

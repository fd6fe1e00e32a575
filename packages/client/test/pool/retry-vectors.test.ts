import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HTTPError } from '../../src/errors.ts';
import type { RepeatableResponse } from '../../src/pool/redirect-location.ts';
import { Retry } from '../../src/pool/retry.ts';
import { MaxRetryError } from '../../src/pool/retry-errors.ts';
import type { RetryCount, RetryOptions } from '../../src/pool/retry-options.ts';
import { answer, failure } from '../support/attempts.ts';
import { thrown } from '../support/client.ts';

/**
 * What urllib3 2.8.0's `Retry` did with 160 sets of options chosen at random (seconds made milliseconds): an error, or a
 * status and whether it has `retry-after: 7`; then `is_retry()`; then the counts and the pause that follow, or how it
 * ended.
 */
type Vector = [options: RetryOptions, method: string, raises: [boolean, boolean], steps: Step[]];
type Step = [event: keyof typeof ERRORS | [number, boolean], isRetry: boolean | null, ...Outcome];
type Outcome = [counts: RetryCount[], delayMs: number] | [end: string];

const VECTORS = JSON.parse(
  readFileSync(new URL('../vectors/retry-vectors.json', import.meta.url), 'utf8'),
) as Vector[];

const ERRORS = {
  connect: failure('connection_timeout'),
  read: failure('connection_read_timeout'),
  protocol: failure('connection_terminated'),
  other: failure('tls_certificate_error'),
  proxy: failure('proxy_connection_failed'),
  proxytls: failure('proxy_tls_error'),
};

function response(status: number, hasRetryAfter: boolean): RepeatableResponse {
  const location = status < 400 ? { location: '/next' } : {};
  return answer(status, hasRetryAfter ? { ...location, 'retry-after': '7' } : location);
}

function endOf(error: unknown, given: HTTPError | undefined): string {
  if (error === given) return 'raw';
  const { reason } = error as MaxRetryError;
  expect(error).toBeInstanceOf(MaxRetryError);
  return reason === given ? 'max error' : `max ${reason.message}`;
}

describe('urllib3', () => {
  it.each(VECTORS.map((vector, index) => [index + 2, vector] as const))('agrees: line %i', (_, vector) => {
    const [options, method, raises, steps] = vector;
    let retry = new Retry(options);
    expect([retry.raiseOnRedirect, retry.raiseOnStatus]).toEqual(raises);
    for (const [event, isRetry, ...outcome] of steps) {
      const error = typeof event === 'string' ? ERRORS[event] : undefined;
      const answered = typeof event === 'string' ? undefined : response(...event);
      if (typeof event !== 'string') expect(retry.isRetry(method, ...event)).toBe(isRetry);
      const attempt = { method, url: 'http://origin.test/', error, response: answered };
      if (outcome.length === 1) {
        expect(
          endOf(
            thrown(() => retry.increment(attempt)),
            error,
          ),
        ).toBe(outcome[0]);
        return;
      }
      const [counts, delayMs] = outcome;
      retry = retry.increment(attempt);
      const { total, connect, read, redirect: redirects, status, other } = retry;
      expect([total, connect, read, redirects, status, other]).toEqual(counts);
      expect(retry.delayMs(answered)).toBe(delayMs);
    }
  });
});

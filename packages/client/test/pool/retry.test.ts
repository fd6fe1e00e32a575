import { FAILURES, type FailureName } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import { HTTPError, InvalidRequestError } from '../../src/errors.ts';
import { Retry } from '../../src/pool/retry.ts';
import { DeadlineError, InvalidHeader, MaxRetryError, ResponseError } from '../../src/pool/retry-errors.ts';
import type { RetryCount, RetryOptions } from '../../src/pool/retry-options.ts';
import { answer, failure, redirect } from '../support/attempts.ts';
import { thrown } from '../support/client.ts';

const GET = { method: 'GET', url: 'http://origin.test/' };
const POST = { method: 'POST', url: 'http://origin.test/' };

/** What is left after some attempts in a row. */
function after(retry: Retry, ...errors: FailureName[]): Retry {
  return errors.reduce((left, name) => left.increment({ ...GET, error: failure(name) }), retry);
}

describe('a Retry', () => {
  it('has the values of urllib3, in milliseconds', () => {
    expect({ ...new Retry() }).toEqual({
      total: 10,
      connect: null,
      read: null,
      redirect: null,
      status: null,
      other: null,
      allowedMethods: new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'TRACE']),
      statusForcelist: new Set(),
      backoffFactor: 0,
      backoffMax: 120_000,
      backoffJitter: 0,
      raiseOnRedirect: true,
      raiseOnStatus: true,
      history: [],
      respectRetryAfterHeader: true,
      removeHeadersOnRedirect: new Set(['authorization', 'cookie', 'proxy-authorization']),
      retryAfterMax: 21_600_000,
    });
    expect(Retry.DEFAULT).toEqual(new Retry(3));
    expect(Retry.DEFAULT.total).toBe(3);
    expect([...Retry.RETRY_AFTER_STATUS_CODES]).toEqual([413, 429, 503]);
    expect(new Retry().allowedMethods).toEqual(Retry.DEFAULT_ALLOWED_METHODS);
    expect(new Retry().removeHeadersOnRedirect).toEqual(Retry.DEFAULT_REMOVE_HEADERS_ON_REDIRECT);
  });

  it('takes a count for the total', () => {
    for (const total of [0, 5, null] as const) expect(new Retry(total)).toEqual(new Retry({ total }));
    expect(new Retry(undefined).total).toBe(10);
  });

  it('takes what is undefined as not given', () => {
    expect(new Retry({ total: undefined, allowedMethods: undefined, history: undefined })).toEqual(
      new Retry(),
    );
  });

  it.each([{ total: false }, { redirect: false }, { redirect: false, raiseOnRedirect: true }] as const)(
    'that says %j returns redirects',
    (options) => {
      expect(new Retry(options)).toMatchObject({ redirect: 0, raiseOnRedirect: false });
      expect(new Retry(options).new({})).toMatchObject({ redirect: 0, raiseOnRedirect: false });
    },
  );

  it('takes collections of any kind, and names in any case', () => {
    const retry = new Retry({
      allowedMethods: ['get', 'POST'],
      statusForcelist: new Set([500]),
      removeHeadersOnRedirect: ['X-Mine'],
    });
    expect(retry.allowedMethods).toEqual(new Set(['GET', 'POST']));
    expect(retry.statusForcelist).toEqual(new Set([500]));
    expect(retry.removeHeadersOnRedirect).toEqual(new Set(['x-mine']));
    const empty = new Retry({ allowedMethods: null, statusForcelist: null, removeHeadersOnRedirect: [] });
    expect(empty).toMatchObject({ allowedMethods: null, statusForcelist: new Set() });
    expect(empty.removeHeadersOnRedirect.size).toBe(0);
  });

  it('is not changed with what it was made of, nor by what is made of it', () => {
    const statusForcelist = new Set([500]);
    const retry = new Retry({ statusForcelist });
    statusForcelist.clear();
    expect(retry.statusForcelist).toEqual(new Set([500]));
    const before = { ...retry };
    retry.increment({ ...GET, error: failure('connection_refused') });
    retry.new({ total: 1 });
    expect({ ...retry }).toEqual(before);
  });

  it('new() changes what it is told', () => {
    const retry = new Retry({ total: 5, connect: 2, backoffFactor: 100, allowedMethods: null });
    expect(retry.new({ total: 6 })).toEqual(
      new Retry({ total: 6, connect: 2, backoffFactor: 100, allowedMethods: null }),
    );
  });

  it('may be extended', () => {
    class Patient extends Retry {
      readonly extra = 'kept out of the options';
      override getBackoffTime(): number {
        return 7;
      }
    }
    const left = new Patient({ total: 2, allowedMethods: ['POST'] }).increment({
      ...POST,
      error: failure('connection_terminated'),
    });
    expect(left).toBeInstanceOf(Patient);
    expect(left.total).toBe(1);
    expect(left.delayMs()).toBe(7);
  });

  it('tells its counts', () => {
    expect(String(new Retry({ total: 3, connect: 1, read: false }))).toBe(
      'Retry(total=3, connect=1, read=false, redirect=null, status=null, other=null)',
    );
  });

  const refused: [RetryOptions | RetryCount, string][] = [
    [{ total: 1.5 }, 'Retry.total must be an integer, null or false, got 1.5'],
    [{ total: true as never }, 'Retry.total must be an integer, null or false, got true'],
    [{ connect: '3' as never }, 'Retry.connect must be an integer, null or false, got 3'],
    [{ read: Number.NaN }, 'Retry.read must be an integer, null or false, got NaN'],
    [Number.POSITIVE_INFINITY, 'Retry.total must be an integer, null or false, got Infinity'],
    [{ backoffFactor: -1 }, 'Retry.backoffFactor must be milliseconds from 0, got -1'],
    [{ backoffMax: Number.NaN }, 'Retry.backoffMax must be milliseconds from 0, got NaN'],
    [{ retryAfterMax: '1' as never }, 'Retry.retryAfterMax must be milliseconds from 0, got 1'],
    [{ raiseOnStatus: 0 as never }, 'Retry.raiseOnStatus must be true or false, got 0'],
    [{ allowedMethods: 'GET' }, 'Retry.allowedMethods must be an array, a Set or null, got GET'],
    [{ allowedMethods: false as never }, 'Retry.allowedMethods must be an array, a Set or null, got false'],
    [
      { statusForcelist: {} as never },
      'Retry.statusForcelist must be an array, a Set or null, got [object Object]',
    ],
    [{ methodWhitelist: [] } as never, 'Retry has no option "methodWhitelist"; there are total, connect,'],
  ];
  it.each(refused)('cannot be %j', (options, message) => {
    const error = thrown(() => new Retry(options));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toContain(message);
  });
});

describe('fromInt', () => {
  const own = new Retry(7);
  const pools = new Retry({ total: 5, redirect: 1 });
  const cases: [string, Parameters<typeof Retry.fromInt>, Retry][] = [
    ['nothing', [undefined], Retry.DEFAULT],
    ['null', [null], Retry.DEFAULT],
    ["nothing, but the pool's", [undefined, true, pools], pools],
    ["nothing, but the pool's number", [undefined, true, 2], new Retry(2)],
    ["nothing, but the pool's 0", [undefined, true, 0], new Retry(0)],
    ["nothing, but the pool's false", [undefined, true, false], new Retry(false)],
    ['nothing, and none of the pool', [null, true, null], Retry.DEFAULT],
    ['nothing without redirects', [undefined, false, 2], new Retry({ total: 2, redirect: false })],
    ["nothing without redirects, but the pool's", [undefined, false, pools], pools],
    ['a Retry', [own, true, pools], own],
    ['a Retry without redirects', [own, false], own],
    ['a number', [4], new Retry(4)],
    ['a number without redirects', [4, false], new Retry({ total: 4, redirect: false })],
    ['0', [0, true, pools], new Retry(0)],
    ['false', [false, true, pools], new Retry({ total: false, redirect: false })],
    ['false without redirects', [false, false], new Retry({ total: false, redirect: false })],
  ];
  it.each(cases)('of %s', (_, given, expected) => {
    expect(Retry.fromInt(...given)).toEqual(expected);
    if (given[0] instanceof Retry) expect(Retry.fromInt(...given)).toBe(expected);
  });

  it('refuses true: it is no number of retries', () => {
    expect(thrown(() => Retry.fromInt(true as never))).toBeInstanceOf(InvalidRequestError);
  });
});

/** The counter each row of the wire's table uses up: those without are thrown as they are. */
const COUNTERS: Record<FailureName, 'connect' | 'read' | 'other' | undefined> = {
  cancelled: undefined,
  unauthenticated: undefined,
  hello_timeout: undefined,
  unknown_context: undefined,
  malformed_control: undefined,
  malformed_exchange: undefined,
  unsupported_option: undefined,
  unsupported_stream: undefined,
  draining: undefined,
  session_limit: undefined,
  internal_error: 'read',
  session_lost: 'read',
  malformed_answer: 'read',
  session_unavailable: undefined,
  destination_prohibited: undefined,
  request_denied: undefined,
  pool_timeout: undefined,
  pool_full: undefined,
  pool_closed: undefined,
  dns_error: 'connect',
  connection_refused: 'connect',
  connection_timeout: 'connect',
  destination_unroutable: 'connect',
  connection_failed: 'connect',
  tls_protocol_error: 'other',
  tls_certificate_error: 'other',
  tls_alert_received: 'other',
  tls_configuration_error: undefined,
  connection_terminated_unsent: 'connect',
  connection_terminated: 'read',
  connection_read_timeout: 'read',
  connection_write_timeout: 'read',
  http_protocol_error: 'read',
  http_response_incomplete: 'read',
  response_read_timeout: 'read',
  response_head_too_large: 'read',
  http_request_error: undefined,
  request_head_too_large: undefined,
  request_incomplete: 'read',
  http_upgrade_failed: 'read',
  websocket_failed: 'read',
  proxy_connection_failed: 'connect',
  proxy_connection_timeout: 'connect',
  proxy_tls_error: 'other',
  proxy_tunnel_refused: 'other',
  proxy_response_too_large: 'connect',
  socks_error: 'connect',
};

const ROWS = Object.keys(FAILURES) as FailureName[];
const WITH_EACH_COUNT = new Retry({ total: 5, connect: 4, read: 4, redirect: 4, status: 4, other: 4 });

describe.each(ROWS.filter((name) => COUNTERS[name] === undefined))('%s', (name) => {
  it.each([WITH_EACH_COUNT, new Retry(0), new Retry({ allowedMethods: null })])(
    'is thrown as it is: %s',
    (retry) => {
      const error = failure(name);
      expect(thrown(() => retry.increment({ ...GET, error }))).toBe(error);
    },
  );
});

describe.each(ROWS.filter((name) => COUNTERS[name] !== undefined))('%s', (name) => {
  const retry = WITH_EACH_COUNT;
  const counter = COUNTERS[name]!;
  const isSafe = FAILURES[name].sent === 'never';

  it(`counts against ${counter}`, () => {
    const error = failure(name);
    const left = retry.increment({ ...GET, error });
    expect(left).toEqual(retry.new({ total: 4, [counter]: 3, history: left.history }));
    expect(left.history).toEqual([{ ...GET, error, status: undefined, redirectLocation: undefined }]);
  });

  it(`is ${isSafe ? '' : 'not '}repeated whatever the method`, () => {
    const error = failure(name);
    const attempt = { ...POST, error };
    if (isSafe) expect(retry.increment(attempt).total).toBe(4);
    else expect(thrown(() => retry.increment(attempt))).toBe(error);
    expect(retry.new({ allowedMethods: ['POST'] }).increment(attempt).total).toBe(4);
    expect(retry.new({ allowedMethods: null }).increment(attempt).total).toBe(4);
    const none = retry.new({ allowedMethods: [] });
    if (isSafe) expect(none.increment({ ...GET, error }).total).toBe(4);
    else expect(thrown(() => none.increment({ ...GET, error }))).toBe(error);
  });

  it('is thrown as it is where that is not to be repeated', () => {
    const error = failure(name);
    expect(thrown(() => new Retry(false).increment({ ...GET, error }))).toBe(error);
    expect(thrown(() => new Retry({ [counter]: false }).increment({ ...GET, error }))).toBe(error);
  });

  it('is the reason of a MaxRetryError in the end', () => {
    const error = failure(name);
    const pool = { name: 'a pool' };
    for (const options of [{ total: 0 }, { total: null, [counter]: 0 }, { total: 3, [counter]: 0 }]) {
      const wrapped = thrown(() => new Retry(options).increment({ ...GET, error, pool }));
      expect(wrapped).toBeInstanceOf(MaxRetryError);
      expect(wrapped).toMatchObject({
        name: 'MaxRetryError',
        code: name,
        sent: FAILURES[name].sent,
        reason: error,
        cause: error,
        url: GET.url,
        pool,
        history: [{ ...GET, error }],
        message: `Max retries exceeded with url: http://origin.test/ (Caused by ${error.name}: ${name} happened)`,
      });
    }
  });
});

describe('errors of others', () => {
  it.each([
    new TypeError('of the source of a body'),
    new DeadlineError('deadline_exceeded', 'request took longer than its deadline'),
    new DOMException('given up', 'AbortError'),
    new InvalidHeader('invalid_header', 'Invalid Retry-After header: soon'),
    new MaxRetryError(undefined, GET.url, failure('connection_refused')),
    'no error at all',
    new HTTPError('response_closed', 'of the response'),
  ])('are thrown as they are: %s', (error) => {
    expect(thrown(() => new Retry({ allowedMethods: null }).increment({ ...GET, error }))).toBe(error);
  });
});

describe('increment', () => {
  it('without a method repeats only what the origin cannot have seen', () => {
    const error = failure('connection_terminated');
    expect(thrown(() => new Retry({ allowedMethods: null }).increment({ error }))).toBe(error);
    expect(new Retry().increment({ error: failure('dns_error') }).total).toBe(9);
  });

  it.each(['get', 'Get'])('knows methods however they are written: %s', (method) => {
    expect(new Retry().increment({ method, error: failure('connection_terminated') }).total).toBe(9);
  });

  it('counts redirects', () => {
    const left = new Retry({ redirect: 1 }).increment({ ...GET, response: redirect(301, 'next?q#f') });
    expect(left).toMatchObject({ total: 9, redirect: 0, status: null });
    const entry = { ...GET, error: undefined, status: 301, redirectLocation: 'next?q#f' };
    expect(left.history).toEqual([entry]);
    const error = thrown(() => left.increment({ ...GET, response: redirect(302) }));
    expect(error).toMatchObject({
      code: 'too_many_redirects',
      sent: 'always',
      message:
        'Max retries exceeded with url: http://origin.test/ (Caused by ResponseError: too many redirects)',
      history: [entry, { ...GET, error: undefined, status: 302, redirectLocation: '/next' }],
    });
    expect((error as MaxRetryError).reason).toBeInstanceOf(ResponseError);
  });

  it('counts statuses', () => {
    const left = new Retry({ status: 1 }).increment({ ...POST, response: answer(500) });
    expect(left).toMatchObject({ total: 9, redirect: null, status: 0 });
    expect(left.history).toEqual([{ ...POST, error: undefined, status: 500, redirectLocation: undefined }]);
    expect(thrown(() => left.increment({ ...POST, response: answer(502) }))).toMatchObject({
      code: 'too_many_error_responses',
      reason: { message: 'too many 502 error responses', sent: 'always' },
    });
  });

  it('without any cause counts against the total alone', () => {
    expect(new Retry({ total: 1, status: 0 }).increment({}).total).toBe(0);
    expect(thrown(() => new Retry(0).increment({}))).toMatchObject({
      reason: { message: 'too many error responses' },
      url: undefined,
    });
  });

  it('tells in the end whether the origin could have seen any of the attempts', () => {
    const sent = (...names: FailureName[]) =>
      (thrown(() => after(new Retry(names.length - 1), ...names)) as HTTPError).sent;
    expect(sent('dns_error', 'connection_refused')).toBe('never');
    expect(sent('connection_terminated', 'connection_refused')).toBe('maybe');
    expect(sent('connection_terminated', 'http_response_incomplete', 'dns_error')).toBe('always');
    const left = new Retry(1).increment({ ...GET, response: answer(503) });
    expect(thrown(() => after(left, 'dns_error'))).toMatchObject({ code: 'dns_error', sent: 'always' });
  });
});

describe('isExhausted', () => {
  const cases: [RetryOptions, boolean][] = [
    [{ total: 0 }, false],
    [{ total: -1 }, true],
    [{ total: null }, false],
    [{ total: false }, false],
    [{ total: null, status: -1 }, true],
    [{ total: 3, other: -1 }, true],
    [{ total: -1, connect: 5 }, true],
  ];
  it.each(cases)('of %j is %s', (options, expected) => {
    expect(new Retry(options).isExhausted()).toBe(expected);
  });
});

describe('isRetry', () => {
  const cases: [RetryOptions, method: string, status: number, hasRetryAfter: boolean, boolean][] = [
    [{}, 'GET', 500, false, false],
    [{}, 'GET', 500, true, false],
    [{}, 'GET', 413, true, true],
    [{}, 'GET', 429, true, true],
    [{}, 'GET', 503, true, true],
    [{}, 'GET', 503, false, false],
    [{}, 'POST', 503, true, false],
    [{ allowedMethods: null }, 'POST', 503, true, true],
    [{ total: 0 }, 'GET', 429, true, false],
    [{ total: null }, 'GET', 429, true, false],
    [{ total: false }, 'GET', 429, true, false],
    [{ respectRetryAfterHeader: false }, 'GET', 429, true, false],
    [{ statusForcelist: [500] }, 'GET', 500, false, true],
    [{ statusForcelist: [500] }, 'get', 500, false, true],
    [{ statusForcelist: [500] }, 'GET', 501, false, false],
    [{ statusForcelist: [500] }, 'POST', 500, false, false],
    [{ statusForcelist: [500], allowedMethods: ['POST'] }, 'POST', 500, false, true],
    [{ statusForcelist: [500], total: 0 }, 'GET', 500, false, true],
    [{ statusForcelist: [500], allowedMethods: [] }, 'GET', 500, false, false],
    [{ statusForcelist: [202] }, 'GET', 202, false, true],
  ];
  it.each(cases)(
    'with %j after %s, status %i, retry-after %s: %s',
    (options, method, status, has, expected) => {
      expect(new Retry(options).isRetry(method, status, has)).toBe(expected);
    },
  );
});

describe('the backoff', () => {
  const pauses = (options: RetryOptions, count: number) => {
    let retry = new Retry({ total: null, ...options });
    return Array.from({ length: count }, () => {
      retry = after(retry, 'connection_refused');
      return retry.getBackoffTime(1);
    });
  };

  it('does not wait before the first retry, then doubles', () => {
    expect(new Retry({ backoffFactor: 100 }).getBackoffTime()).toBe(0);
    expect(pauses({ backoffFactor: 100 }, 6)).toEqual([0, 200, 400, 800, 1_600, 3_200]);
    expect(pauses({}, 3)).toEqual([0, 0, 0]);
  });

  it('has a ceiling', () => {
    expect(pauses({ backoffFactor: 100, backoffMax: 500 }, 5)).toEqual([0, 200, 400, 500, 500]);
    expect(pauses({ backoffFactor: 60_000 }, 3)).toEqual([0, 120_000, 120_000]);
  });

  it('has some chance in it, below the ceiling', () => {
    expect(pauses({ backoffFactor: 100, backoffJitter: 50 }, 3)).toEqual([0, 250, 450]);
    expect(pauses({ backoffJitter: 50, backoffMax: 30 }, 3)).toEqual([0, 30, 30]);
    const retry = after(new Retry({ backoffFactor: 100, backoffJitter: 50 }), 'dns_error', 'dns_error');
    expect(retry.getBackoffTime(0)).toBe(200);
    expect(retry.getBackoffTime(0.5)).toBe(225);
    for (let i = 0; i < 20; i++) {
      expect(retry.getBackoffTime()).toBeGreaterThanOrEqual(200);
      expect(retry.getBackoffTime()).toBeLessThan(250);
    }
  });

  it('begins again after a redirect', () => {
    const failed = after(new Retry({ backoffFactor: 100 }), 'dns_error', 'dns_error');
    const redirected = failed.increment({ ...GET, response: redirect() });
    expect(redirected.getBackoffTime()).toBe(0);
    expect(after(redirected, 'dns_error').getBackoffTime()).toBe(0);
    expect(after(redirected, 'dns_error', 'dns_error').getBackoffTime()).toBe(200);
  });
});

describe('retry-after', () => {
  const nowMs = Date.UTC(2019, 5, 3, 11);
  const failed = after(new Retry({ backoffFactor: 100 }), 'dns_error', 'dns_error');
  const asking = (value: string) => answer(503, { 'Retry-After': value });

  it('is what the pause is', () => {
    expect(failed.delayMs(asking('3'), nowMs)).toBe(3_000);
    expect(failed.delayMs(asking('Mon, 03 Jun 2019 11:30:12 GMT'), nowMs)).toBe(1_812_000);
    expect(failed.delayMs(redirect(), nowMs)).toBe(200);
    expect(new Retry().delayMs(answer(301, { location: '/', 'retry-after': '1' }))).toBe(1_000);
  });

  it('is left to the backoff when there is none, and after errors', () => {
    expect(failed.delayMs()).toBe(200);
    expect(failed.delayMs(answer(503))).toBe(200);
    expect(failed.delayMs(asking(''))).toBe(200);
    expect(failed.delayMs(asking('0'))).toBe(200);
    expect(failed.delayMs(asking('Mon, 03 Jun 2019 10:00:00 GMT'), nowMs)).toBe(200);
    expect(failed.new({ respectRetryAfterHeader: false }).delayMs(asking('3'), nowMs)).toBe(200);
    expect(failed.new({ respectRetryAfterHeader: false }).delayMs(asking('soon'), nowMs)).toBe(200);
  });

  it('is believed up to a limit', () => {
    expect(failed.delayMs(asking('86400'))).toBe(21_600_000);
    expect(failed.parseRetryAfter('9'.repeat(400))).toBe(21_600_000);
    expect(new Retry({ retryAfterMax: 1_500 }).parseRetryAfter('2')).toBe(1_500);
    expect(new Retry({ retryAfterMax: 1_500 }).parseRetryAfter('1')).toBe(1_000);
  });

  it('is read with the clock where no time is given', () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    expect(Math.abs(failed.parseRetryAfter(inAnHour) - 3_600_000)).toBeLessThan(60_000);
  });

  it('that cannot be read is an error', () => {
    expect(thrown(() => failed.getRetryAfter(asking('soon')))).toBeInstanceOf(InvalidHeader);
    expect(failed.getRetryAfter(answer(503))).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { type HTTPError, LocationParseError, URLSchemeUnknown } from '../../src/errors.ts';
import { performRetries, type RetryPolicy } from '../../src/pool/perform-retries.ts';
import type { RepeatableResponse } from '../../src/pool/redirect-location.ts';
import type { RepeatableRequest } from '../../src/pool/redirected-request.ts';
import { Retry } from '../../src/pool/retry.ts';
import {
  InvalidHeader,
  MaxRetryError,
  ResponseError,
  UnrewindableBodyError,
} from '../../src/pool/retry-errors.ts';
import type { RetryCount, RetryOptions } from '../../src/pool/retry-options.ts';
import { answer, failure, redirect } from '../support/attempts.ts';
import { rejection } from '../support/client.ts';

/** What an attempt gives: a response, perhaps with content that breaks off, or an error. */
type Given = RepeatableResponse | { response: RepeatableResponse; broken: HTTPError } | Error;

interface Case {
  method?: string;
  url?: string;
  lines?: string[];
  body?: string;
  retries?: RetryOptions | RetryCount;
  redirect?: boolean;
  preload?: boolean;
  isReplayable?: boolean;
  signal?: AbortSignal;
  isOver?: () => boolean;
  /** Called with every pause; may abort. */
  wait?: (delayMs: number) => void;
}

/** Runs a request against a script, and tells everything that was done, in order. */
function start(given: readonly Given[], options: Case = {}) {
  const { method = 'GET', url = 'http://origin.test/first', lines = [], body, retries = 3 } = options;
  const log: string[] = [];
  const sent: RepeatableRequest<string>[] = [];
  const broken = new Map<RepeatableResponse, HTTPError>();
  const policy: RetryPolicy = {
    retries: new Retry(retries),
    redirect: options.redirect ?? true,
    signal: options.signal,
    pool: 'a pool',
    isOver: options.isOver,
  };
  const outcome = performRetries<string, RepeatableResponse>(
    { method, url: new URL(url), lines, body },
    policy,
    {
      async send(request, attempt) {
        expect(attempt).toBe(sent.length);
        sent.push(request);
        log.push(`${request.method} ${request.url.pathname}`);
        const next = given[attempt];
        if (next === undefined) throw new Error('the script is over');
        if (next instanceof Error) throw next;
        if (!('response' in next)) return next;
        broken.set(next.response, next.broken);
        return next.response;
      },
      preload: options.preload === false ? undefined : preload,
      async drain(response) {
        log.push(`drain ${response.status}`);
      },
      isReplayable: () => options.isReplayable ?? true,
      async wait(delayMs, signal) {
        log.push(`wait ${delayMs}`);
        options.wait?.(delayMs);
        if (signal?.aborted) throw signal.reason;
      },
      onRepeat(left, request) {
        const { error, status } = left.history.at(-1)!;
        log.push(`again ${request.url.pathname} after ${error?.code ?? status}`);
      },
    },
  );
  async function preload(response: RepeatableResponse): Promise<void> {
    log.push(`preload ${response.status}`);
    const error = broken.get(response);
    if (error !== undefined) throw error;
  }
  return { outcome, log, sent };
}

const OK = answer(200);
const REFUSED = failure('connection_refused');
const DROPPED = failure('connection_terminated');

describe('a response that is wanted', () => {
  it.each([200, 204, 301, 404, 500])('is given at once: %i', async (status) => {
    const response = answer(status);
    const { outcome, log, sent } = start([response]);
    const { retries, request } = await outcome;
    expect((await outcome).response).toBe(response);
    expect(request).toBe(sent[0]);
    expect(retries).toEqual(new Retry(3));
    expect(log).toEqual(['GET /first', `preload ${status}`]);
  });

  it('is given unread without preload', async () => {
    const { outcome, log } = start([OK], { preload: false });
    expect((await outcome).response).toBe(OK);
    expect(log).toEqual(['GET /first']);
  });
});

describe('an error', () => {
  it('is repeated while there are retries; the next response tells', async () => {
    const { outcome, log } = start([REFUSED, DROPPED, OK]);
    const { response, retries } = await outcome;
    expect(response).toBe(OK);
    expect(retries.total).toBe(1);
    expect(retries.history.map(({ error }) => error)).toEqual([REFUSED, DROPPED]);
    expect(log).toEqual([
      'GET /first',
      'again /first after connection_refused',
      'GET /first',
      'again /first after connection_terminated',
      'GET /first',
      'preload 200',
    ]);
  });

  it('ends in a MaxRetryError after one attempt and three retries', async () => {
    const { outcome, sent } = start([DROPPED, DROPPED, DROPPED, DROPPED]);
    const error = (await rejection(outcome)) as MaxRetryError;
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error).toMatchObject({ reason: DROPPED, url: 'http://origin.test/first', pool: 'a pool' });
    expect(error.history).toHaveLength(4);
    expect(sent).toHaveLength(4);
  });

  it('tells no secret of the URL', async () => {
    const { outcome } = start([DROPPED], { url: 'http://user:secret@origin.test/first?q#part', retries: 0 });
    const error = (await rejection(outcome)) as MaxRetryError;
    expect(error).toMatchObject({ url: 'http://origin.test/first?q', history: [{ url: error.url }] });
    expect(error.message).not.toContain('secret');
  });

  it('of a POST is repeated when the origin cannot have seen it', async () => {
    const { outcome, sent } = start([REFUSED, REFUSED, REFUSED, REFUSED], { method: 'POST' });
    expect(await rejection(outcome)).toMatchObject({ reason: REFUSED, sent: 'never' });
    expect(sent).toHaveLength(4);
  });

  it('of a POST is thrown as it is when the origin may have seen it', async () => {
    const { outcome, log } = start([DROPPED], { method: 'POST' });
    expect(await rejection(outcome)).toBe(DROPPED);
    expect(log).toEqual(['POST /first']);
  });

  it.each([REFUSED, DROPPED])('is thrown as it is without retries: $code', async (error) => {
    expect(await rejection(start([error], { retries: false }).outcome)).toBe(error);
  });

  it('waits longer and longer', async () => {
    const { outcome, log } = start([REFUSED, REFUSED, REFUSED, OK], {
      retries: { total: 5, backoffFactor: 100 },
    });
    await outcome;
    expect(log.filter((line) => line.startsWith('wait'))).toEqual(['wait 200', 'wait 400']);
  });

  it('of no concern to retries is thrown as it is', async () => {
    const error = new TypeError('of a body');
    expect(await rejection(start([error]).outcome)).toBe(error);
  });
});

describe('content that breaks off', () => {
  const broken = (name: Parameters<typeof failure>[0]) => ({ response: answer(200), broken: failure(name) });

  it('is a read error', async () => {
    const given = [broken('http_response_incomplete'), broken('session_lost'), OK];
    const { outcome, log } = start(given, { retries: { total: 3, read: 2 } });
    const { retries, response } = await outcome;
    expect(response).toBe(OK);
    expect(retries).toMatchObject({ total: 1, read: 0 });
    expect(log.filter((line) => !line.startsWith('again'))).toEqual([
      'GET /first',
      'preload 200',
      'drain 200',
      'GET /first',
      'preload 200',
      'drain 200',
      'GET /first',
      'preload 200',
    ]);
  });

  it('of a POST is thrown as it is', async () => {
    const given = broken('http_response_incomplete');
    expect(await rejection(start([given], { method: 'POST' }).outcome)).toBe(given.broken);
  });

  it('is not looked at without preload', async () => {
    const given = broken('http_response_incomplete');
    expect((await start([given], { preload: false }).outcome).response).toBe(given.response);
  });

  it('of a response that is not wanted does not matter', async () => {
    const given = { response: redirect(302, '/second'), broken: failure('http_response_incomplete') };
    const { outcome, log } = start([given, OK]);
    await outcome;
    expect(log).not.toContain('preload 302');
  });
});

describe('a status', () => {
  const retries = { total: 3, statusForcelist: [500] };

  it('is retried when it is listed, after its content has been drained', async () => {
    const { outcome, log } = start([answer(500), answer(500), OK], {
      retries: { ...retries, backoffFactor: 10 },
    });
    const result = await outcome;
    expect(result.response).toBe(OK);
    expect(result.retries.history.map(({ status }) => status)).toEqual([500, 500]);
    expect(log).toEqual([
      'GET /first',
      'drain 500',
      'again /first after 500',
      'GET /first',
      'drain 500',
      'wait 20',
      'again /first after 500',
      'GET /first',
      'preload 200',
    ]);
  });

  it('ends in a MaxRetryError, drained', async () => {
    const { outcome, log } = start([answer(500), answer(500)], { retries: { ...retries, status: 1 } });
    const error = (await rejection(outcome)) as MaxRetryError;
    expect(error.reason).toBeInstanceOf(ResponseError);
    expect(error.reason.message).toBe('too many 500 error responses');
    expect(log.at(-1)).toBe('drain 500');
  });

  it('may be given in the end, with its content', async () => {
    const given = { ...retries, status: 1, raiseOnStatus: false };
    const last = answer(500);
    const { outcome, log } = start([answer(500), last], { retries: given });
    const { response, retries: left } = await outcome;
    expect(response).toBe(last);
    expect(left.history).toHaveLength(1);
    expect(log.slice(-2)).toEqual(['GET /first', 'preload 500']);
  });

  it('of a POST is given', async () => {
    const response = answer(503, { 'retry-after': '1' });
    const { outcome, sent } = start([response], { method: 'POST', retries: { statusForcelist: [503] } });
    expect((await outcome).response).toBe(response);
    expect(sent).toHaveLength(1);
  });

  it.each([413, 429, 503])('%i is retried when the origin says when', async (status) => {
    const { outcome, log } = start([answer(status, { 'retry-after': '2' }), OK]);
    await outcome;
    expect(log).toContain('wait 2000');
    const other = answer(status);
    expect((await start([other]).outcome).response).toBe(other);
  });

  it('is given when there are no retries, whatever the origin says', async () => {
    for (const none of [0, false] as const) {
      const response = answer(429, { 'retry-after': '2' });
      expect((await start([response], { retries: none }).outcome).response).toBe(response);
    }
  });

  it('whose retry-after cannot be read is an error, drained', async () => {
    const response = answer(500, { 'retry-after': 'soon' });
    const { outcome, log } = start([response], { retries });
    expect(await rejection(outcome)).toBeInstanceOf(InvalidHeader);
    expect(log).toEqual(['GET /first', 'drain 500']);
  });
});

describe('a redirect', () => {
  it('is followed, from where the last one led', async () => {
    const given = [redirect(301, 'a/second'), redirect(308, 'third?q#f'), OK];
    const { outcome, log } = start(given, { lines: ['cookie', 'a=1'] });
    const { response, request, retries } = await outcome;
    expect(response).toBe(OK);
    expect(request.url.href).toBe('http://origin.test/a/third?q#f');
    expect(request.lines).toEqual(['cookie', 'a=1']);
    expect(retries.total).toBe(1);
    expect(retries.history).toEqual([
      { method: 'GET', url: 'http://origin.test/first', status: 301, redirectLocation: 'a/second' },
      { method: 'GET', url: 'http://origin.test/a/second', status: 308, redirectLocation: 'third?q#f' },
    ]);
    expect(log).toEqual([
      'GET /first',
      'drain 301',
      'again /a/second after 301',
      'GET /a/second',
      'drain 308',
      'again /a/third after 308',
      'GET /a/third',
      'preload 200',
    ]);
  });

  it.each([301, 302, 307, 308])('%i keeps method and body', async (status) => {
    const lines = ['content-type', 'text/plain'];
    const { outcome, sent } = start([redirect(status), OK], { method: 'POST', body: 'text', lines });
    await outcome;
    expect(sent[1]).toMatchObject({ method: 'POST', body: 'text', lines });
  });

  it('303 keeps neither', async () => {
    const lines = ['content-type', 'text/plain', 'x-mine', '1'];
    const { outcome, sent } = start([redirect(303), OK], { method: 'POST', body: 'text', lines });
    const { retries } = await outcome;
    expect(sent[1]).toMatchObject({ method: 'GET', body: undefined, lines: ['x-mine', '1'] });
    expect(retries.history[0]).toMatchObject({ method: 'POST', status: 303 });
  });

  it('to another origin leaves behind what the Retry says', async () => {
    const lines = ['authorization', 'x', 'x-mine', '1'];
    const away = [redirect(302, 'http://other.test/'), redirect(302, 'http://origin.test/'), OK];
    const { outcome, sent } = start(away, { lines });
    await outcome;
    expect(sent.map((request) => request.lines)).toEqual([lines, ['x-mine', '1'], ['x-mine', '1']]);
    const own = start(away, { lines, retries: { removeHeadersOnRedirect: ['X-Mine'] } });
    await own.outcome;
    expect(own.sent.at(-1)?.lines).toEqual(['authorization', 'x']);
  });

  it('waits as long as it asks for, and no longer', async () => {
    const given = [REFUSED, REFUSED, answer(302, { location: '/x', 'retry-after': '1' }), redirect(), OK];
    const { outcome, log } = start(given, { retries: { total: 5, backoffFactor: 100 } });
    await outcome;
    expect(log.filter((line) => line.startsWith('wait'))).toEqual(['wait 200', 'wait 1000']);
  });

  it('too many is a MaxRetryError, drained', async () => {
    const given = [redirect(), redirect(), redirect(), redirect()];
    const { outcome, log, sent } = start(given);
    const error = (await rejection(outcome)) as MaxRetryError;
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error).toMatchObject({
      code: 'too_many_redirects',
      reason: { message: 'too many redirects' },
      url: 'http://origin.test/next',
    });
    expect(sent).toHaveLength(4);
    expect(log.at(-1)).toBe('drain 302');
  });

  it('is too many at once with 0 retries', async () => {
    expect(await rejection(start([redirect()], { retries: 0 }).outcome)).toBeInstanceOf(MaxRetryError);
    const none = start([redirect()], { retries: { redirect: 0 } });
    expect(await rejection(none.outcome)).toBeInstanceOf(MaxRetryError);
  });

  const given: [string, Case, requests: number][] = [
    ['redirect: false', { redirect: false }, 1],
    ['retries: false', { retries: false }, 1],
    ['Retry({ redirect: false })', { retries: { redirect: false } }, 1],
    [
      'Retry({ redirect: 1, raiseOnRedirect: false })',
      { retries: { redirect: 1, raiseOnRedirect: false } },
      2,
    ],
    ['Retry({ total: 2, raiseOnRedirect: false })', { retries: { total: 2, raiseOnRedirect: false } }, 3],
  ];
  it.each(given)('is given with %s', async (_, options, requests) => {
    const { outcome, log, sent } = start([redirect(), redirect(), redirect()], options);
    expect((await outcome).response.status).toBe(302);
    expect(sent).toHaveLength(requests);
    expect(log.at(-1)).toBe('preload 302');
  });

  it('that leads nowhere is an error, drained', async () => {
    const cases = [
      ['http://a b/', LocationParseError],
      ['javascript:alert(1)', URLSchemeUnknown],
      ['ftp://other.test/', URLSchemeUnknown],
    ] as const;
    for (const [location, expected] of cases) {
      const { outcome, log } = start([redirect(302, location)], { retries: { raiseOnRedirect: false } });
      expect(await rejection(outcome)).toBeInstanceOf(expected);
      expect(log).toEqual(['GET /first', 'drain 302']);
    }
  });

  it('without a location is a response like others', async () => {
    const response = answer(302);
    expect((await start([response]).outcome).response).toBe(response);
  });

  it('goes on after errors on the way', async () => {
    const { outcome, sent } = start([redirect(302, '/second'), DROPPED, OK]);
    expect((await outcome).retries.total).toBe(1);
    expect(sent.map(({ url }) => url.pathname)).toEqual(['/first', '/second', '/second']);
  });
});

describe('a body', () => {
  it('is sent again', async () => {
    const { outcome, sent } = start([DROPPED, answer(500), redirect(307), OK], {
      method: 'PUT',
      body: 'text',
      retries: { statusForcelist: [500] },
    });
    await outcome;
    expect(sent.map(({ body }) => body)).toEqual(['text', 'text', 'text', 'text']);
  });

  const gone: [string, Given, cause: unknown][] = [
    ['an error', REFUSED, REFUSED],
    ['content that breaks off', { response: answer(200), broken: DROPPED }, DROPPED],
    ['a status', answer(500, { 'retry-after': '9' }), undefined],
    ['a redirect', redirect(307), undefined],
  ];
  it.each(gone)('that is gone cannot be sent again after %s', async (_, given, cause) => {
    const { outcome, log } = start([given], {
      method: 'PUT',
      body: 'stream',
      isReplayable: false,
      retries: { statusForcelist: [500] },
    });
    const error = (await rejection(outcome)) as UnrewindableBodyError;
    expect(error).toBeInstanceOf(UnrewindableBodyError);
    expect(error).toMatchObject({ code: 'body_unrewindable', sent: 'maybe' });
    expect(error.message).toContain(
      'Unable to record file position for rewinding request body during a redirect/retry',
    );
    expect(error.cause).toBe(cause);
    expect(log.some((line) => line.startsWith('wait'))).toBe(false);
    expect(log.includes('drain 500') || log.includes('drain 307')).toBe(cause === undefined);
  });

  it('that is gone is no matter after a 303, nor when nothing is to be sent again', async () => {
    const options = { method: 'POST', body: 'stream', isReplayable: false };
    expect((await start([redirect(303), OK], options).outcome).response).toBe(OK);
    expect(await rejection(start([DROPPED], options).outcome)).toBe(DROPPED);
    expect(await rejection(start([REFUSED], { ...options, retries: 0 }).outcome)).toBeInstanceOf(
      MaxRetryError,
    );
  });
});

describe('an error that is not repeated', () => {
  const LOST = failure('session_lost');
  const NO_SESSION = failure('session_unavailable');

  it('is told as it is when the origin cannot have seen any attempt', async () => {
    expect(await rejection(start([REFUSED, NO_SESSION]).outcome)).toBe(NO_SESSION);
    expect(await rejection(start([redirect(), NO_SESSION]).outcome)).toBe(NO_SESSION);
  });

  it('does not hide that an earlier attempt may have been seen', async () => {
    const error = await rejection(start([LOST, NO_SESSION]).outcome);
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error).toMatchObject({
      reason: NO_SESSION,
      sent: 'maybe',
      url: 'http://origin.test/first',
      pool: 'a pool',
      history: [{ error: LOST }, { error: NO_SESSION, method: 'GET', url: 'http://origin.test/first' }],
    });
  });

  it('is whatever came when nobody can send any more', async () => {
    const { outcome, sent } = start([LOST, OK], { isOver: () => true });
    expect(await rejection(outcome)).toBe(LOST);
    expect(sent).toHaveLength(1);
  });
});

describe('a signal', () => {
  it('that aborted ends everything with the error it made', async () => {
    const controller = new AbortController();
    controller.abort(REFUSED);
    const { outcome, sent } = start([REFUSED, OK], { signal: controller.signal });
    expect(await rejection(outcome)).toBe(REFUSED);
    expect(sent).toHaveLength(1);
  });

  it('ends a pause', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { outcome, log } = start([answer(503, { 'retry-after': '60' }), OK], {
      signal: controller.signal,
      wait: () => controller.abort(reason),
    });
    expect(await rejection(outcome)).toBe(reason);
    expect(log).toEqual(['GET /first', 'drain 503', 'wait 60000']);
  });
});

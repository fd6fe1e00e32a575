import {
  HTTPConnectionPool,
  type HTTPError,
  IncompleteRead,
  MaxRetryError,
  NewConnectionError,
  ProtocolError,
  ResponseError,
  Retry,
  setLogger,
  UnrewindableBodyError,
} from '@hip/client';
import { describe, expect, onTestFinished } from 'vitest';
import { rejection } from '../support/eventually.ts';
import { newClient, newRawOrigin, test, unusedAddress } from '../support/fixtures.ts';

describe('an origin that drops the connection', () => {
  test('is asked again for a GET, 3 times', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/drop-before/4'));
    expect(await response.text()).toBe('request 4\n');
    expect(response.history).toHaveLength(3);
    expect(response.history[0]).toMatchObject({ method: 'GET', url: origin.url('/drop-before/4') });
    expect(response.history[0]?.error).toBeInstanceOf(ProtocolError);
    expect(response.retries.total).toBe(0);
  });

  test('and goes on dropping it: MaxRetryError with what happened', async ({ http, origin }) => {
    const url = origin.url('/drop-before/9?q=1');
    const error = (await rejection(http.request('GET', url))) as MaxRetryError;
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error).toMatchObject({ name: 'MaxRetryError', url, sent: 'maybe', code: error.reason.code });
    expect(error.reason).toBeInstanceOf(ProtocolError);
    expect(error.cause).toBe(error.reason);
    expect(error.history).toHaveLength(4);
    expect(error.message).toContain(`Max retries exceeded with url: ${url} (Caused by ProtocolError`);
    expect(await origin.requests('/drop-before')).toHaveLength(4);
  });

  test('is not asked again for a POST: nobody knows whether it was done', async ({ http, origin }) => {
    const error = await rejection(http.request('POST', origin.url('/drop-before/9'), { body: 'once' }));
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as HTTPError).sent).toBe('maybe');
    expect(await origin.requests('/drop-before')).toHaveLength(1);
  });

  test('is asked again for a POST where that is allowed, with the whole body', async ({ http, origin }) => {
    const retries = new Retry({ total: 2, allowedMethods: ['post'] });
    const body = new Blob(['twice'.repeat(20_000)]);
    const response = await http.request('POST', origin.url('/drop-before/3'), { body, retries });
    expect(await response.text()).toBe('request 3\n');
    const lengths = (await origin.requests('/drop-before')).map(({ rawHeaders }) =>
      rawHeaders.includes('100000'),
    );
    expect(lengths).toEqual([true, true, true]);
  });

  test('cannot be given a stream twice', async ({ http, origin }) => {
    async function* once() {
      yield new TextEncoder().encode('once');
    }
    const error = await rejection(http.request('PUT', origin.url('/drop-before/9'), { body: once() }));
    expect(error).toBeInstanceOf(UnrewindableBodyError);
    expect((error as Error).cause).toBeInstanceOf(ProtocolError);
    expect(await origin.requests('/drop-before')).toHaveLength(1);
  });

  test('is not asked again with retries: false, or a manager that has none', async ({ gateway, origin }) => {
    const http = newClient(gateway, { retries: false });
    expect(await rejection(http.request('GET', origin.url('/drop-before/9')))).toBeInstanceOf(ProtocolError);
    expect(await origin.requests('/drop-before')).toHaveLength(1);
    const response = await http.request('GET', origin.url('/drop-before/3'), { retries: 1 });
    expect(response.history).toHaveLength(1);
  });
});

describe('content that breaks off', () => {
  test('is asked for again while it is preloaded', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/short-before/3'));
    expect(await response.text()).toBe('request 3\n');
    expect(response.history.map(({ error }) => error?.name)).toEqual(['IncompleteRead', 'IncompleteRead']);
  });

  test('is the error of the reader otherwise', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/short-before/3'), { preloadContent: false });
    expect(await rejection(response.read())).toBeInstanceOf(IncompleteRead);
    expect(await origin.requests('/short-before')).toHaveLength(1);
  });
});

describe('an origin that cannot be reached', () => {
  test('is tried again whatever the method: it has seen nothing', async ({ http }) => {
    const { url } = await unusedAddress();
    const error = (await rejection(http.request('POST', url, { body: 'x' }))) as MaxRetryError;
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error.reason).toBeInstanceOf(NewConnectionError);
    expect(error.history.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'POST']);
    expect(error.sent).toBe('never');
  });

  test('as often as connect says', async ({ http }) => {
    const { url } = await unusedAddress();
    const retries = new Retry({ connect: 1 });
    const error = (await rejection(http.request('GET', url, { retries }))) as MaxRetryError;
    expect(error.history).toHaveLength(2);
    const none = new Retry({ connect: false });
    expect(await rejection(http.request('GET', url, { retries: none }))).toBeInstanceOf(NewConnectionError);
  });
});

describe('a status', () => {
  test('of statusForcelist is retried on the same connection', async ({ http, origin }) => {
    const retries = new Retry({ statusForcelist: [502] });
    const response = await http.request('GET', origin.url('/status-before/3/502'), { retries });
    expect(response.status).toBe(200);
    expect(response.history.map(({ status }) => status)).toEqual([502, 502]);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test('too often is a MaxRetryError, or the response where that is asked for', async ({ http, origin }) => {
    const url = origin.url('/status-before/99/502');
    const retries = new Retry({ total: 1, statusForcelist: [502] });
    const error = (await rejection(http.request('GET', url, { retries }))) as MaxRetryError;
    expect(error.reason).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({ code: 'too_many_error_responses', sent: 'always' });
    expect(error.reason.message).toBe('too many 502 error responses');
    const lenient = retries.new({ raiseOnStatus: false });
    expect(await (await http.request('GET', url, { retries: lenient })).text()).toBe('status 502\n');
  });

  test('with retry-after is retried when it says', async ({ http, origin }) => {
    const sinceMs = performance.now();
    const response = await http.request('GET', origin.url('/status-before/2/503?retry-after=1'));
    expect(response.status).toBe(200);
    expect(performance.now() - sinceMs).toBeGreaterThan(990);
    const posted = await http.request('POST', origin.url('/status-before/99/503?retry-after=1'));
    expect(posted.status).toBe(503);
  });

  test('with retry-after is waited for no longer than the signal lets it', async ({ http, origin }) => {
    const signal = AbortSignal.timeout(200);
    const url = origin.url('/status-before/99/503?retry-after=3600');
    expect(await rejection(http.request('GET', url, { signal }))).toBe(signal.reason);
  });
});

test('a logger is told of it in words of urllib3', async ({ gateway, origin }) => {
  const told: string[] = [];
  const level = (name: string) => (message: unknown) => void told.push(`${name} ${message}`);
  setLogger({ debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') });
  onTestFinished(() => setLogger(undefined));
  const url = origin.url('/drop-before/2');
  await newClient(gateway).request('GET', url);
  const left = 'Retry(total=2, connect=null, read=null, redirect=null, status=null, other=null)';
  expect(told).toEqual([
    `debug Incremented Retry for (url='${url}'): ${left}`,
    expect.stringMatching(
      /^warn Retrying \(Retry\(total=2.*\)\) after connection broken by 'ProtocolError: /,
    ),
    `debug ${origin.url('')} "GET /drop-before/2 HTTP/1.1" 200 10`,
  ]);
});

test('a pool retries as a manager does, and names itself', async ({ gateway }) => {
  const raw = await newRawOrigin({ bytes: '', ending: 'close' });
  const pool = new HTTPConnectionPool('127.0.0.1', Number(raw.host.split(':')[1]), {
    gateway: gateway.url,
    token: gateway.token,
    retries: 1,
  });
  onTestFinished(() => pool.close());
  const error = (await rejection(pool.request('GET', '/'))) as MaxRetryError;
  expect(error.pool).toBe(pool);
  expect(error.history).toHaveLength(2);
  expect(pool.retries.total).toBe(1);
});

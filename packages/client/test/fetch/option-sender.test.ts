import { describe, expect, expectTypeOf, it } from 'vitest';
import { HTTPError, InvalidRequestError } from '../../src/errors.ts';
import type { Fetch, FetchOptions } from '../../src/fetch/fetch-types.ts';
import type { PoolManagerOptions } from '../../src/pool/pool-options.ts';
import type { TransferProgress } from '../../src/pool/progress.ts';
import { Retry } from '../../src/pool/retry.ts';
import { DeadlineError, MaxRetryError, UnrewindableBodyError } from '../../src/pool/retry-errors.ts';
import { connected, rejection } from '../support/client.ts';
import { CERTIFICATE, KEY } from '../support/credentials.ts';
import type { GatewayExchange } from '../support/gateway-exchange.ts';
import { ANSWERING, latestSettings, settingsIn } from '../support/settings-on-wire.ts';

const ORIGIN = 'https://origin.test';
const OTHER = 'https://other.test';

type Answer = (exchange: GatewayExchange) => void;

/** A gateway that answers its exchanges in turn, the last answer for all that follow. */
function answering(...answers: Answer[]) {
  let count = 0;
  return connected({
    exchange: (exchange) => {
      const answer = answers[Math.min(count++, answers.length - 1)];
      void exchange.body().then(() => answer?.(exchange));
    },
  });
}

const OK: Answer = (exchange) => exchange.answer(200, [], 'text');
const refused: Answer = (exchange) => exchange.fail('connection_refused');
const brokenOff: Answer = (exchange) => exchange.fail('connection_read_timeout');

function redirectTo(location: string): Answer {
  return (exchange) => exchange.answer(302, ['location', location]);
}

/** The error below the TypeError. */
async function cause(promise: Promise<unknown>): Promise<unknown> {
  const error = (await rejection(promise)) as TypeError;
  expect(error).toBeInstanceOf(TypeError);
  expect(error).not.toBeInstanceOf(HTTPError);
  return error.cause;
}

describe('init.hip', () => {
  it('leaves fetch() what it is for others', () => {
    expectTypeOf<Fetch>().toExtend<typeof globalThis.fetch>();
    expectTypeOf<Parameters<typeof globalThis.fetch>>().toExtend<Parameters<Fetch>>();
  });

  it.each<[string, unknown, string]>([
    ['no object', 'x', 'init.hip must be an object, got string'],
    ['a function', () => {}, 'init.hip must be an object, got function'],
    [
      'an option there is none of',
      { retry: 3 },
      'init.hip has no option "retry"; there are retries, timeout, ',
    ],
    ['an option of request()', { preloadContent: false }, 'init.hip has no option "preloadContent"'],
    ['trailers', { trailers: {} }, 'init.hip.trailers cannot be honoured'],
    ['no count', { retries: -1.5 }, 'total must be'],
    [
      'a count of redirects',
      { retries: new Retry({ redirect: 2 }) },
      'init.hip.retries must leave redirect out',
    ],
    ['no redirects', { retries: new Retry({ redirect: false }) }, 'init.hip.retries must leave redirect out'],
    ['no timeout', { timeout: 0 }, 'Attempted to set connect timeout to 0'],
    ['no poolTimeout', { poolTimeout: -1 }, 'poolTimeout must be milliseconds from 0'],
    ['no listener', { onUploadProgress: 1 }, 'onUploadProgress must be a function'],
    ['no value of TLS', { certReqs: 'MAYBE' }, 'certReqs'],
  ])('that is %s is refused', async (_, hip, message) => {
    const { gateway, http } = await connected(ANSWERING);
    const error = (await cause(http.fetch(ORIGIN, { hip: hip as FetchOptions }))) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toContain(message);
    expect(gateway.sessions.all.flatMap((side) => side.exchanges.all)).toEqual([]);
  });

  it.each([undefined, {}, null])('of %s changes nothing', async (hip) => {
    const { gateway, http } = await connected(ANSWERING);
    expect(await (await http.fetch(ORIGIN, { hip: hip as undefined })).text()).toBe('hello');
    expect(settingsIn(await gateway.sessions.next())).toEqual([]);
  });

  it('is what it was, whatever becomes of the object', async () => {
    const { gateway, http } = await connected(ANSWERING);
    const hip: { serverHostname: string } = { serverHostname: 'a.test' };
    const pending = http.fetch(ORIGIN, { hip });
    hip.serverHostname = 'b.test';
    await pending;
    expect(latestSettings(gateway)).toEqual({ tls: { serverHostname: 'a.test' } });
  });

  it('holds for one request, in place of what the manager has', async () => {
    const options: PoolManagerOptions = { caCerts: CERTIFICATE, proxy: 'http://proxy.test:3128' };
    const { gateway, http } = await connected(ANSWERING, options);
    await http.fetch(ORIGIN, { hip: { identity: 'mine', proxy: null } });
    expect(latestSettings(gateway)).toEqual({ tls: { caCerts: CERTIFICATE, identity: 'mine' } });
    await http.fetch(ORIGIN);
    expect(latestSettings(gateway)).toMatchObject({
      tls: { caCerts: CERTIFICATE },
      proxy: { host: 'proxy.test' },
    });
  });

  it('tells the gateway its timeouts', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.fetch(ORIGIN, {
      hip: { timeout: { connect: 10.5, read: 20, deadline: 60_000 }, poolTimeout: 30 },
    });
    await http.fetch(ORIGIN, { hip: { timeout: 40 } });
    const first = await gateway.exchange();
    expect(first.options).toEqual({ connectTimeoutMs: 11, readTimeoutMs: 20, poolTimeoutMs: 30 });
    expect((await gateway.exchange()).options).toEqual({ connectTimeoutMs: 40, readTimeoutMs: 40 });
  });
});

describe('a deadline', () => {
  it('ends a request with a TypeError whose cause says so', async () => {
    const { http } = await connected();
    const error = await cause(http.fetch(ORIGIN, { hip: { timeout: { deadline: 20 } } }));
    expect(error).toBeInstanceOf(DeadlineError);
  });

  it('ends the content of a response', async () => {
    const { http } = await connected({ exchange: (exchange) => exchange.sendHead() });
    const response = await http.fetch(ORIGIN, { hip: { timeout: { deadline: 200 } } });
    expect(await cause(response.text())).toBeInstanceOf(DeadlineError);
  });

  it('leaves the signal of the user what it is', async () => {
    const { gateway, http } = await connected();
    const controller = new AbortController();
    const pending = http.fetch(ORIGIN, { signal: controller.signal, hip: { timeout: { deadline: 60_000 } } });
    await gateway.exchange();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await rejection(pending)).toBe(reason);
  });
});

describe('retries', () => {
  it('are none without being asked for', async () => {
    for (const hip of [undefined, {}, { retries: false }, { retries: null }] as const) {
      const { gateway, http } = await answering(refused, OK);
      expect(await cause(http.fetch(ORIGIN, { hip }))).toMatchObject({ code: 'connection_refused' });
      expect((await gateway.sessions.next()).exchanges.all).toHaveLength(1);
    }
  });

  it('send again after errors, and tell of it', async () => {
    const { http } = await answering(refused, brokenOff, OK);
    const response = await http.fetch(`${ORIGIN}/path?q#part`, { hip: { retries: 2 } });
    expect(await response.text()).toBe('text');
    expect(response.hip.history).toMatchObject([
      { method: 'GET', url: `${ORIGIN}/path?q`, error: { code: 'connection_refused' } },
      { error: { code: 'connection_read_timeout' }, status: undefined },
    ]);
  });

  it('send a body again that can be', async () => {
    const { gateway, http } = await answering(refused, OK);
    const init = { method: 'POST', body: 'content', hip: { retries: 1 } };
    await http.fetch(ORIGIN, init);
    const { exchanges } = await gateway.sessions.next();
    for (const exchange of exchanges.all) expect((await exchange.body()).toString()).toBe('content');
    expect(exchanges.all).toHaveLength(2);
  });

  it('do not send a stream again', async () => {
    const { http } = await answering(refused, OK);
    const body = new Blob(['content']).stream();
    const init = { method: 'POST', body, duplex: 'half', hip: { retries: 1 } };
    expect(await cause(http.fetch(ORIGIN, init))).toBeInstanceOf(UnrewindableBodyError);
  });

  it('do not repeat what the origin may have seen, unless its method allows it', async () => {
    const { http } = await answering(brokenOff, OK);
    const error = await cause(http.fetch(ORIGIN, { method: 'POST', body: 'x', hip: { retries: 3 } }));
    expect(error).toMatchObject({ code: 'connection_read_timeout' });
  });

  it('end with all that was tried', async () => {
    const { http } = await answering(refused);
    const error = (await cause(http.fetch(ORIGIN, { hip: { retries: 2 } }))) as MaxRetryError;
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error.history).toHaveLength(3);
  });

  it('wait as long as a status asks them to', async () => {
    const unavailable: Answer = (exchange) => exchange.answer(503, ['retry-after', '0'], 'later');
    const { http } = await answering(unavailable, OK);
    const response = await http.fetch(ORIGIN, { hip: { retries: 1 } });
    expect(response.status).toBe(200);
    expect(response.hip.history).toMatchObject([{ status: 503, error: undefined }]);
  });

  it('give the last response where a Retry says so', async () => {
    const { gateway, http } = await answering((exchange) => exchange.answer(500, [], 'broken'));
    const retries = new Retry({ total: 2, statusForcelist: [500], raiseOnStatus: false });
    const response = await http.fetch(ORIGIN, { hip: { retries } });
    expect([response.status, await response.text()]).toEqual([500, 'broken']);
    expect((await gateway.sessions.next()).exchanges.all).toHaveLength(3);
  });

  it('are not used up by redirects, and hold for all of them together', async () => {
    const { http } = await answering(redirectTo('/1'), refused, redirectTo('/2'), redirectTo('/3'), OK);
    const response = await http.fetch(ORIGIN, { hip: { retries: 1 } });
    expect(response.url).toBe(`${ORIGIN}/3`);
    expect(response.hip.history.map(({ status }) => status)).toEqual([302, undefined, 302, 302]);
    const again = await answering(refused, redirectTo('/1'), refused, OK);
    expect(await cause(again.http.fetch(ORIGIN, { hip: { retries: 1 } }))).toBeInstanceOf(MaxRetryError);
  });

  it('end when the signal aborts', async () => {
    const { gateway, http } = await answering(refused);
    const controller = new AbortController();
    const retries = new Retry({ total: 5, backoffFactor: 60_000 });
    const pending = http.fetch(ORIGIN, { signal: controller.signal, hip: { retries } });
    const session = await gateway.sessions.next();
    await session.exchanges.at(1);
    controller.abort();
    expect(await rejection(pending)).toBe(controller.signal.reason);
  });
});

describe('a redirect', () => {
  /** The settings each exchange went with, where a request was redirected to these places in turn. */
  async function settingsOnTheWay(hip: FetchOptions, ...locations: string[]) {
    const { gateway, http } = await answering(...locations.map(redirectTo), OK);
    await http.fetch(`${ORIGIN}/first`, { hip });
    const side = await gateway.sessions.next();
    const declared = settingsIn(side);
    return side.exchanges.all.map(({ contextId }) => declared.find(({ id }) => id === contextId)?.tls);
  }

  const tls = {
    caCerts: CERTIFICATE,
    certFile: CERTIFICATE,
    keyFile: KEY,
    assertFingerprint: 'ab'.repeat(32),
  };

  it('keeps what was given at its origin', async () => {
    const [first, second] = await settingsOnTheWay(tls, '/second');
    expect(first).toMatchObject({ caCerts: CERTIFICATE, assertFingerprint: tls.assertFingerprint });
    expect(second).toEqual(first);
  });

  it('leaves identity and pins behind at another origin, and does not find them again', async () => {
    const [first, ...others] = await settingsOnTheWay(tls, `${OTHER}/`, `${ORIGIN}/back`);
    expect(Object.keys(first ?? {}).length).toBeGreaterThan(1);
    expect(others).toEqual([{ caCerts: CERTIFICATE }, { caCerts: CERTIFICATE }]);
  });

  it('goes on to another scheme or port without them, too', async () => {
    const [, second] = await settingsOnTheWay({ identity: 'mine' }, `${ORIGIN}:8443/`);
    expect(second).toBeUndefined();
  });

  it('leaves fields behind that the Retry names', async () => {
    const { gateway, http } = await answering(
      redirectTo('/second'),
      redirectTo(`${OTHER}/`),
      redirectTo(ORIGIN),
      OK,
    );
    const retries = new Retry({ total: 0, removeHeadersOnRedirect: ['X-Key'] });
    await http.fetch(ORIGIN, { headers: { 'x-key': 'secret', 'x-other': '1' }, hip: { retries } });
    const { exchanges } = await gateway.sessions.next();
    const fields = (name: string) => Promise.all(exchanges.all.map((exchange) => exchange.header(name)));
    expect(await fields('x-key')).toEqual([['secret'], ['secret'], [], []]);
    expect(await fields('x-other')).toEqual([['1'], ['1'], ['1'], ['1']]);
  });

  it('has no progress of its own', async () => {
    const moved: Answer = (exchange) => exchange.answer(302, ['location', '/next'], 'moved');
    const heard: TransferProgress[] = [];
    const hip: FetchOptions = { onDownloadProgress: (progress) => void heard.push(progress) };
    const { http } = await answering(moved, OK);
    await (await http.fetch(ORIGIN, { hip })).text();
    expect(heard.map(({ loaded, done }) => [loaded, done])).toEqual([
      [0, false],
      [4, true],
    ]);
    heard.length = 0;
    const manual = await answering(moved);
    await (await manual.http.fetch(ORIGIN, { redirect: 'manual', hip })).text();
    expect(heard.at(-1)).toMatchObject({ loaded: 5, done: true });
  });
});

import { FAILURES } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import {
  ClosedPoolError,
  HTTPError,
  IncompleteRead,
  InvalidRequestError,
  NewConnectionError,
} from '../../src/errors.ts';
import { Latch } from '../support/arrivals.ts';
import { connected, rejection } from '../support/client.ts';
import type { GatewayExchange } from '../support/gateway-exchange.ts';

const ORIGIN = 'http://origin.test';

/** A gateway in front of a site: what each path answers. */
function site(pages: Record<string, (exchange: GatewayExchange) => void>) {
  return connected({
    exchange: (exchange) => {
      void exchange.head.then(({ authority, path }) => {
        const page = pages[`//${authority}${path}`] ?? pages[path];
        if (page === undefined) exchange.answer(404, [], `no page ${path}`);
        else page(exchange);
      });
    },
  });
}

function redirectTo(location: string, status = 302): (exchange: GatewayExchange) => void {
  return (exchange) => exchange.answer(status, ['location', location], 'moved');
}

/** What the gateway saw, one line per request. */
async function seenBy(exchanges: readonly GatewayExchange[]): Promise<string[]> {
  const heads = await Promise.all(exchanges.map((exchange) => exchange.head));
  return heads.map(({ method, scheme, authority, path }) => `${method} ${scheme}://${authority}${path}`);
}

describe('fetch()', () => {
  it('sends what it is told and gives a Response', async () => {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/path?q#part`, {
      method: 'post',
      headers: { 'X-Mine': 'yes', cookie: 'a=1' },
      body: 'text',
    });
    const exchange = await gateway.exchange();
    expect(await exchange.head).toEqual({
      method: 'POST',
      scheme: 'http',
      authority: 'origin.test',
      path: '/path?q',
      fields: [
        ...['cookie', 'a=1', 'x-mine', 'yes', 'accept', '*/*'],
        ...['accept-encoding', 'gzip,deflate,br,zstd', 'user-agent', 'hip/0.1.0'],
        ...['content-type', 'text/plain;charset=UTF-8', 'content-length', '4'],
      ],
    });
    expect((await exchange.body()).toString()).toBe('text');
    exchange.answer(201, ['content-type', 'text/plain', 'set-cookie', 'a=1', 'set-cookie', 'b=2'], 'made', {
      reason: 'Really Created',
    });
    const response = await pending;
    expect(response).toBeInstanceOf(Response);
    expect(response).toMatchObject({
      status: 201,
      ok: true,
      statusText: 'Really Created',
      url: `${ORIGIN}/path?q`,
      redirected: false,
      type: 'basic',
    });
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('made');
  });

  it('may be passed on as it is', async () => {
    const { http } = await site({ '/': (exchange) => exchange.answer() });
    const { fetch } = http;
    expect((await fetch(`${ORIGIN}/`)).status).toBe(200);
  });

  it('drops fields of a connection, as the standard does', async () => {
    const { gateway, http } = await site({ '/': (exchange) => exchange.answer() });
    await http.fetch(`${ORIGIN}/`, {
      headers: { connection: 'close', 'transfer-encoding': 'chunked', te: 'trailers', a: 'b' },
    });
    const exchange = await gateway.exchange();
    expect(await exchange.header('a')).toEqual(['b']);
    for (const name of ['connection', 'transfer-encoding', 'te'])
      expect(await exchange.header(name)).toEqual([]);
  });

  it.each([204, 205, 304])('gives a %i no body', async (status) => {
    const { http } = await site({ '/': (exchange) => exchange.answer(status) });
    const response = await http.fetch(`${ORIGIN}/`);
    expect(response).toMatchObject({ status, body: null, bodyUsed: false });
    expect(await response.text()).toBe('');
  });

  it('gives a HEAD no body, whatever length it announces', async () => {
    const { http } = await site({ '/': (exchange) => exchange.answer(200, ['content-length', '1000']) });
    const response = await http.fetch(`${ORIGIN}/`, { method: 'HEAD' });
    expect(response.body).toBeNull();
    expect(response.headers.get('content-length')).toBe('1000');
  });

  it('streams a body that is not here yet', async () => {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/`);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    const reader = (await pending).body!.getReader();
    exchange.sendContent('first');
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('first');
    exchange.sendContent('second');
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('second');
    exchange.end();
    expect((await reader.read()).done).toBe(true);
  });

  it('makes the origin stop when its body is cancelled', async () => {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/`);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    await (await pending).body!.cancel();
    expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
  });
});

describe('an error', () => {
  it('of the exchange is a TypeError with that as its cause', async () => {
    const { http } = await site({ '/': (exchange) => exchange.fail('connection_refused', 'port 81') });
    const error = (await rejection(http.fetch(`${ORIGIN}/`))) as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error).not.toBeInstanceOf(HTTPError);
    expect(error.message).toBe('fetch failed');
    expect(error.cause).toBeInstanceOf(NewConnectionError);
    expect((error.cause as Error).message).toContain('port 81');
  });

  it.each([
    ['a scheme that is none of ours', 'ftp://origin.test/', {}],
    [
      'a length that is wrong',
      `${ORIGIN}/`,
      { method: 'POST', body: 'abc', headers: { 'content-length': '5' } },
    ],
    ['a method that is none', `${ORIGIN}/`, { method: 'no method' }],
  ])('because of %s is a TypeError', async (_, url, init) => {
    const { http } = await connected();
    const error = (await rejection(http.fetch(url, init))) as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.cause).toBeInstanceOf(InvalidRequestError);
  });

  it('of a body that is locked is a TypeError', async () => {
    const { http } = await connected();
    const body = new Blob(['x']).stream();
    body.getReader();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect(await rejection(http.fetch(`${ORIGIN}/`, init))).toBeInstanceOf(TypeError);
  });

  it("of the body's source is a TypeError with that as its cause", async () => {
    const { http } = await connected();
    const mine = new RangeError('disk on fire');
    const body = new ReadableStream({ pull: (controller) => controller.error(mine) });
    const error = (await rejection(
      http.fetch(`${ORIGIN}/`, { method: 'POST', body, duplex: 'half' } as RequestInit),
    )) as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.cause).toBe(mine);
  });

  it('in the body is a TypeError with the cause, as the standard has it', async () => {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/`);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    const response = await pending;
    const failed = rejection(response.text());
    exchange.reset('http_response_incomplete');
    const error = (await failed) as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.cause).toBeInstanceOf(IncompleteRead);
  });

  it('after close() is a TypeError', async () => {
    const { http } = await connected();
    await http.close();
    const error = (await rejection(http.fetch(`${ORIGIN}/`))) as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.cause).toBeInstanceOf(ClosedPoolError);
  });
});

describe('aborting', () => {
  const reason = { my: 'reason' };

  it('rejects with exactly the reason', async () => {
    const { gateway, http } = await connected();
    expect(await rejection(http.fetch(`${ORIGIN}/`, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const controller = new AbortController();
    const failed = rejection(http.fetch(`${ORIGIN}/`, { signal: controller.signal }));
    await gateway.exchange();
    controller.abort(reason);
    expect(await failed).toBe(reason);
  });

  it('rejects with an AbortError when no reason is given', async () => {
    const { gateway, http } = await connected();
    const controller = new AbortController();
    const failed = rejection(http.fetch(new Request(`${ORIGIN}/`, { signal: controller.signal })));
    await gateway.exchange();
    controller.abort();
    expect(await failed).toMatchObject({ name: 'AbortError' });
    expect(await failed).toBeInstanceOf(DOMException);
  });

  it('in the body makes reading reject with exactly the reason', async () => {
    const { gateway, http } = await connected();
    const controller = new AbortController();
    const pending = http.fetch(`${ORIGIN}/`, { signal: controller.signal });
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    const response = await pending;
    const failed = rejection(response.text());
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
  });

  it('before the body is read makes the first read reject', async () => {
    const { gateway, http } = await connected();
    const controller = new AbortController();
    const pending = http.fetch(`${ORIGIN}/`, { signal: controller.signal });
    (await gateway.exchange()).sendHead(200);
    const response = await pending;
    controller.abort(reason);
    expect(await rejection(response.body!.getReader().read())).toBe(reason);
  });

  it('between redirects ends the whole', async () => {
    const controller = new AbortController();
    const arrived = new Latch();
    const { http } = await site({ '/1': redirectTo('/2'), '/2': () => arrived.open() });
    const failed = rejection(http.fetch(`${ORIGIN}/1`, { signal: controller.signal }));
    await arrived.promise;
    controller.abort(reason);
    expect(await failed).toBe(reason);
  });
});

describe('redirects', () => {
  it('are followed; the Response knows', async () => {
    const { gateway, http } = await site({
      '/1': redirectTo('/2?x#own'),
      '/2?x': redirectTo('//other.test/3', 307),
      '//other.test/3': (exchange) => exchange.answer(200, [], 'there'),
    });
    const response = await http.fetch(`${ORIGIN}/1#part`);
    expect(response).toMatchObject({ status: 200, url: 'http://other.test/3', redirected: true });
    expect(await response.text()).toBe('there');
    expect(await seenBy(gateway.sessions.all[0]!.exchanges.all)).toEqual([
      'GET http://origin.test/1',
      'GET http://origin.test/2?x',
      'GET http://other.test/3',
    ]);
  });

  it('repeat a body that can be repeated', async () => {
    const { gateway, http } = await site({
      '/1': redirectTo('/2', 308),
      '/2': (exchange) => exchange.answer(),
    });
    await http.fetch(`${ORIGIN}/1`, { method: 'PUT', body: new Blob(['again'], { type: 'text/x' }) });
    for (const exchange of gateway.sessions.all[0]!.exchanges.all) {
      expect((await exchange.body()).toString()).toBe('again');
      expect(await exchange.header('content-type')).toEqual(['text/x']);
    }
  });

  it('turn a POST into a GET without its body', async () => {
    const { gateway, http } = await site({
      '/1': redirectTo('/2', 302),
      '/2': (exchange) => exchange.answer(),
    });
    await http.fetch(`${ORIGIN}/1`, { method: 'POST', body: 'text', headers: { 'content-language': 'en' } });
    const second = gateway.sessions.all[0]!.exchanges.all[1]!;
    expect((await second.head).method).toBe('GET');
    for (const name of ['content-type', 'content-length', 'content-language'])
      expect(await second.header(name)).toEqual([]);
    expect((await second.body()).length).toBe(0);
  });

  it('with a stream as the body are errors', async () => {
    const { http } = await site({ '/1': redirectTo('/2', 307) });
    const init = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' } as RequestInit;
    expect(await rejection(http.fetch(`${ORIGIN}/1`, init))).toBeInstanceOf(TypeError);
  });

  it('keep secrets from another origin', async () => {
    const { gateway, http } = await site({
      '/1': redirectTo('//other.test/2'),
      '//other.test/2': redirectTo('http://origin.test/3'),
      '/3': (exchange) => exchange.answer(),
    });
    await http.fetch(`${ORIGIN}/1`, {
      headers: { authorization: 'Basic x', cookie: 'a=1', host: 'virtual.test', 'x-mine': '1' },
    });
    const [first, second, third] = gateway.sessions.all[0]!.exchanges.all;
    for (const name of ['authorization', 'cookie', 'host']) {
      expect(await first!.header(name)).toHaveLength(1);
      expect(await second!.header(name)).toEqual([]);
      // What is gone stays gone, on the way back too.
      expect(await third!.header(name)).toEqual([]);
    }
    expect(await third!.header('x-mine')).toEqual(['1']);
  });

  it('are followed 20 times', async () => {
    const { gateway, http } = await connected({
      exchange: (exchange) => {
        void exchange.head.then(({ path }) => {
          const left = Number(path.slice(1));
          if (left > 0) redirectTo(`/${left - 1}`)(exchange);
          else exchange.answer(200, [], 'there');
        });
      },
    });
    expect(await (await http.fetch(`${ORIGIN}/20`)).text()).toBe('there');
    expect(gateway.sessions.all[0]!.exchanges.all).toHaveLength(21);
    const error = (await rejection(http.fetch(`${ORIGIN}/21`))) as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('20 redirects');
    expect(gateway.sessions.all[0]!.exchanges.all).toHaveLength(42);
  });

  it('are handed over with manual, wherever they lead', async () => {
    for (const location of ['/2', 'javascript:x', 'http://']) {
      const { gateway, http } = await site({ '/1': redirectTo(location) });
      const response = await http.fetch(`${ORIGIN}/1`, { redirect: 'manual' });
      expect(response).toMatchObject({ status: 302, redirected: false, url: `${ORIGIN}/1` });
      expect(response.headers.get('location')).toBe(location);
      expect(await response.text()).toBe('moved');
      expect(gateway.sessions.all[0]!.exchanges.all).toHaveLength(1);
    }
  });

  it('are errors with error', async () => {
    const { gateway, http } = await site({ '/1': redirectTo('/2') });
    expect(await rejection(http.fetch(`${ORIGIN}/1`, { redirect: 'error' }))).toBeInstanceOf(TypeError);
    expect(gateway.sessions.all[0]!.exchanges.all).toHaveLength(1);
    // What does not redirect is none.
    expect((await http.fetch(`${ORIGIN}/missing`, { redirect: 'error' })).status).toBe(404);
  });

  it('without a location are responses', async () => {
    const { http } = await site({ '/1': (exchange) => exchange.answer(302, [], 'nowhere') });
    expect(await (await http.fetch(`${ORIGIN}/1`)).text()).toBe('nowhere');
  });

  it.each(['http://', 'ftp://x.test/', 'javascript:alert(1)'])(
    'to %s are errors, and leave no response behind',
    async (location) => {
      const { gateway, http } = await connected();
      const failed = rejection(http.fetch(`${ORIGIN}/1`));
      const exchange = await gateway.exchange();
      exchange.sendHead(302, ['location', location]);
      expect(await failed).toBeInstanceOf(TypeError);
      expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
    },
  );

  it('do not wait for the body of the response that redirects', async () => {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/1`);
    const first = await gateway.exchange();
    first.sendHead(302, ['location', '/2']);
    const second = await gateway.exchange();
    expect(await first.stopped).toBe(FAILURES.cancelled.code);
    second.answer();
    expect((await pending).status).toBe(200);
  });
});

import {
  configure,
  HTTPConnectionPool,
  InvalidRequestError,
  PoolManager,
  type RequestInit,
} from '@hip/client';
import { describe, expect, onTestFinished } from 'vitest';
import { contentBytes, sha256 } from '../support/content.ts';
import { eventually, rejection } from '../support/eventually.ts';
import { fieldsOf } from '../support/fields.ts';
import { newClient, test } from '../support/fixtures.ts';

describe('request() with its content preloaded', () => {
  test('GET gives status, headers, url, data, text() and json()', async ({ http, origin }) => {
    const hello = await http.request('GET', origin.url('/hello'));
    expect(hello.status).toBe(200);
    expect(hello.headers.get('content-type')).toBe('text/plain');
    expect(hello.url).toBe(origin.url('/hello'));
    expect(hello.data).toBeInstanceOf(Uint8Array);
    expect(await hello.text()).toBe('hello, world\n');
    const echo = await http.request('GET', origin.url('/echo'));
    expect(await echo.json()).toMatchObject({ method: 'GET', target: '/echo' });
  });

  test('the data stays there however often it is asked for', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/bytes/100000'));
    expect(response.data).toHaveLength(100_000);
    expect(response.data).toBe(response.data);
    expect(await sha256(response.data.slice())).toBe(await sha256(contentBytes(100_000)));
  });

  test('POST sends the body and the headers that it was given', async ({ http, origin }) => {
    const response = await http.request('POST', origin.url('/echo'), {
      headers: { 'Content-Type': 'application/json', 'X-Own': 'yes' },
      body: '{"a":1}',
    });
    const echo = (await response.json()) as { body: string; rawHeaders: string[] };
    expect(echo.body).toBe('{"a":1}');
    const fields = fieldsOf(echo.rawHeaders);
    expect(fields.get('content-type')).toBe('application/json');
    expect(fields.get('content-length')).toBe('7');
    expect(fields.get('x-own')).toBe('yes');
  });

  test('POST without a body says so by a length of 0, GET by nothing', async ({ http, origin }) => {
    await http.request('POST', origin.url('/hello?post'));
    await http.request('GET', origin.url('/hello?get'));
    const post = fieldsOf((await origin.request('/hello?post')).rawHeaders);
    const get = fieldsOf((await origin.request('/hello?get')).rawHeaders);
    expect(post.get('content-length')).toBe('0');
    expect(get.has('content-length')).toBe(false);
    expect(get.has('transfer-encoding')).toBe(false);
  });

  test('fields about the connection are refused, not ignored', async ({ http, origin }) => {
    for (const name of ['Connection', 'Transfer-Encoding', 'Keep-Alive', 'Upgrade', 'TE']) {
      const error = await rejection(http.request('GET', origin.url('/hello'), { headers: { [name]: 'x' } }));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect((error as Error).message).toContain(name.toLowerCase());
    }
    expect(await origin.counts()).toMatchObject({ requests: [] });
  });

  test('an option that nobody would honour is refused, not ignored', async ({ http, origin }) => {
    const init = { certfile: 'client.pem' } as RequestInit;
    const error = await rejection(http.request('GET', origin.url('/hello'), init));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toContain('certfile');
    expect(await origin.counts()).toMatchObject({ requests: [] });
  });

  test('HEAD, 204 and 304 have empty data', async ({ http, origin }) => {
    expect((await http.request('HEAD', origin.url('/hello'))).data).toHaveLength(0);
    expect((await http.request('GET', origin.url('/status/204'))).data).toHaveLength(0);
    expect((await http.request('GET', origin.url('/status/304'))).data).toHaveLength(0);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test('404 and 500 are responses, not errors', async ({ http, origin }) => {
    expect((await http.request('GET', origin.url('/nothing/here'))).status).toBe(404);
    expect((await http.request('GET', origin.url('/status/500'))).status).toBe(500);
  });
});

describe('request() with preloadContent: false', () => {
  test('stream(n) gives pieces of exactly n bytes, and the rest', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/bytes/100?piece=7'), { preloadContent: false });
    const pieces: Uint8Array[] = [];
    for await (const piece of response.stream(32)) pieces.push(piece);
    expect(pieces.map(({ length }) => length)).toEqual([32, 32, 32, 4]);
    expect(Uint8Array.from(pieces.flatMap((piece) => [...piece]))).toEqual(contentBytes(100));
  });

  test('read(n) gives exactly n bytes until the end, then none', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/bytes/70000'), { preloadContent: false });
    const first = await response.read(10);
    expect(first).toEqual(contentBytes(10));
    expect(await response.read(65_536)).toHaveLength(65_536);
    expect(await response.read(65_536)).toHaveLength(70_000 - 10 - 65_536);
    expect(await response.read(10)).toHaveLength(0);
  });

  test('read() without a size gives all that is left', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/bytes/70000'), { preloadContent: false });
    await response.read(1);
    expect(await response.read()).toEqual(contentBytes(70_000).subarray(1));
  });

  test('body is a ReadableStream of the content', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/bytes/300000'), { preloadContent: false });
    const bytes = await new Response(response.body).arrayBuffer();
    expect(await sha256(bytes)).toBe(await sha256(contentBytes(300_000)));
  });

  test('the head is there before the body has ended', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/held-body/rest'), { preloadContent: false });
    expect(response.status).toBe(200);
    expect(await response.read(6)).toEqual(new TextEncoder().encode('first '));
    await origin.release('rest');
    expect(await response.read()).toEqual(new TextEncoder().encode('second'));
  });

  test('releaseConn() gives up an unread body, and the origin is left in peace', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/bytes/300000000'), { preloadContent: false });
    await response.read(1);
    response.releaseConn();
    await eventually(async () => expect((await origin.request('/bytes')).outcome).toBe('aborted'));
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
  });
});

describe('the ways to a request', () => {
  test('new PoolManager() goes to the gateway that configure() names', async ({ gateway, origin }) => {
    configure({ gateway: gateway.url, token: gateway.token });
    const http = new PoolManager();
    onTestFinished(() => http.close());
    expect(await (await http.request('GET', origin.url('/hello'))).text()).toBe('hello, world\n');
  });

  test('a token may come from a function, now or later', async ({ gateway, origin }) => {
    const now = newClient(gateway, { token: () => gateway.token });
    const later = newClient(gateway, { token: () => Promise.resolve(gateway.token) });
    expect((await now.request('GET', origin.url('/hello'))).status).toBe(200);
    expect((await later.request('GET', origin.url('/hello'))).status).toBe(200);
  });

  test('an HTTPConnectionPool keeps to its host and takes paths', async ({ gateway, origin }) => {
    const pool = new HTTPConnectionPool('127.0.0.1', origin.port, {
      gateway: gateway.url,
      token: gateway.token,
      maxsize: 2,
    });
    onTestFinished(() => pool.close());
    expect(await (await pool.request('GET', '/hello')).text()).toBe('hello, world\n');
    expect((await pool.request('GET', '/status/404?a=b')).status).toBe(404);
    expect((await origin.request('/status')).target).toBe('/status/404?a=b');
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
    expect(pool).toMatchObject({ host: '127.0.0.1', port: origin.port, numConnections: 1, numRequests: 2 });
  });

  test('a closed manager says that it is closed', async ({ gateway, origin }) => {
    const http = newClient(gateway);
    await http.request('GET', origin.url('/hello'));
    await http.close();
    await expect(http.request('GET', origin.url('/hello'))).rejects.toMatchObject({
      name: 'ClosedPoolError',
    });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  ClosedPoolError,
  EmptyPoolError,
  HTTPError,
  InvalidRequestError,
  SessionError,
} from '../src/errors.ts';
import { HTTPHeaderDict } from '../src/pool/http-header-dict.ts';
import type { RequestInit } from '../src/pool/request-options.ts';
import { turns } from './support/arrivals.ts';
import { connected, managerOf, rejection } from './support/client.ts';
import type { GatewayScript } from './support/gateway-side.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';

const URL_TEXT = 'http://origin.test/path';
const ANSWERING: GatewayScript = { exchange: (exchange) => exchange.answer(200, [], 'hello') };

describe('request()', () => {
  it('sends a request and gives its response', async () => {
    const { gateway, http } = await connected();
    const pending = http.request('get', 'http://user:secret@origin.test:8080/path?q=1#fragment');
    const exchange = await gateway.exchange();
    expect(await exchange.head).toEqual({
      method: 'GET',
      scheme: 'http',
      authority: 'origin.test:8080',
      path: '/path?q=1',
      fields: ['user-agent', 'hip/0.1.0', 'accept-encoding', 'identity'],
    });
    exchange.answer(200, ['x-answer', 'yes'], 'hello');
    const response = await pending;
    expect(response.status).toBe(200);
    expect(response.headers.get('x-answer')).toBe('yes');
    expect(await response.text()).toBe('hello');
  });

  it.each([
    ['an object', { 'X-Mine': 'yes', Cookie: 'a=1' }],
    [
      'pairs',
      [
        ['X-Mine', 'yes'],
        ['Cookie', 'a=1'],
      ] as [string, string][],
    ],
    ['a HTTPHeaderDict', new HTTPHeaderDict({ 'X-Mine': 'yes', Cookie: 'a=1' })],
  ])('sends the headers of %s', async (_, headers) => {
    const { gateway, http } = await connected(ANSWERING);
    await http.request('GET', new URL(URL_TEXT), { headers });
    const exchange = await gateway.exchange();
    expect((await exchange.head).fields.slice(0, 4)).toEqual(['x-mine', 'yes', 'cookie', 'a=1']);
  });

  it('sends a name as often as it is given', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.request('GET', URL_TEXT, {
      headers: [
        ['x', '1'],
        ['X', '2'],
      ],
    });
    expect(await (await gateway.exchange()).header('x')).toEqual(['1', '2']);
  });

  it('sends a body with any method, as urllib3 does', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.request('GET', URL_TEXT, { body: 'why not' });
    const exchange = await gateway.exchange();
    expect((await exchange.body()).toString()).toBe('why not');
    expect(await exchange.header('content-length')).toEqual(['7']);
    await http.request('PUT', URL_TEXT, { body: null });
    expect(await (await gateway.exchange()).header('content-length')).toEqual(['0']);
    await http.request('DELETE', URL_TEXT);
    expect(await (await gateway.exchange()).header('content-length')).toEqual([]);
  });

  it('tells the gateway its options', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.request('GET', URL_TEXT, { timeout: { connect: 10, read: 20 }, poolTimeout: 30 });
    expect((await gateway.exchange()).options).toEqual({
      connectTimeoutMs: 10,
      readTimeoutMs: 20,
      poolTimeoutMs: 30,
    });
    await http.request('GET', URL_TEXT);
    expect((await gateway.exchange()).options).toEqual({});
  });

  it.each([
    ['a relative URL', '/path', {}, /^url must be absolute/],
    ['a scheme of another kind', 'ftp://origin.test/', {}, /^url must be http/],
    [
      'a field of the connection',
      URL_TEXT,
      { headers: { Connection: 'close' } },
      /^header connection belongs/,
    ],
    ['a header that is a number', URL_TEXT, { headers: { a: 7 } }, /^header a must be a string/],
    ['a body that is a number', URL_TEXT, { body: 7 }, /^body must be/],
    [
      'a wrong length',
      URL_TEXT,
      { body: 'abc', headers: { 'content-length': '7' } },
      /^header content-length must/,
    ],
  ])('refuses %s before it asks for a session', async (_, url, init, message) => {
    const { gateway, http } = await connected(ANSWERING);
    const error = (await rejection(http.request('GET', url, init as unknown as RequestInit))) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toMatch(message);
    expect(gateway.sessions.all).toHaveLength(0);
  });

  it('raises our errors as they are', async () => {
    const { http } = await connected({ exchange: (exchange) => exchange.fail('pool_timeout') });
    const error = await rejection(http.request('GET', URL_TEXT));
    expect(error).toBeInstanceOf(EmptyPoolError);
    expect(error).toBeInstanceOf(HTTPError);
  });

  it('rejects with exactly the reason of the signal', async () => {
    const { gateway, http } = await connected();
    const controller = new AbortController();
    const failed = rejection(http.request('GET', URL_TEXT, { signal: controller.signal }));
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    await turns();
    // The head is here; it is the preloading that is aborted.
    controller.abort('enough');
    expect(await failed).toBe('enough');
    await exchange.stopped;
  });
});

describe('a manager', () => {
  it('is one context, by a name no other has', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    const one = managerOf(gateway, { numPools: 3, maxsize: 4, block: true });
    const other = managerOf(gateway);
    for (const http of [one, other]) await http.request('GET', URL_TEXT);
    const [first, second] = gateway.sessions.all.map((side) => side.contexts);
    expect(first).toEqual([
      {
        type: 'context',
        id: 1,
        name: expect.stringMatching(/^(\d{1,10}-){3}\d{1,10}$/),
        numPools: 3,
        maxsize: 4,
        block: true,
      },
    ]);
    expect(second).toEqual([
      {
        type: 'context',
        id: 1,
        name: expect.stringMatching(/^(\d{1,10}-){3}\d{1,10}$/),
        numPools: 10,
        maxsize: 1,
        block: false,
      },
    ]);
    expect(first?.[0]?.name).not.toBe(second?.[0]?.name);
  });

  it('serves request() and fetch() over one session', async () => {
    const { gateway, http } = await connected(ANSWERING);
    const [response, fetched] = await Promise.all([http.request('GET', URL_TEXT), http.fetch(URL_TEXT)]);
    expect(await response.text()).toBe('hello');
    expect(await fetched.text()).toBe('hello');
    expect(gateway.sessions.all).toHaveLength(1);
  });
});

describe('close()', () => {
  it('fails what is under way and refuses what comes later', async () => {
    const { gateway, http } = await connected();
    const underWay = rejection(http.request('GET', URL_TEXT));
    await gateway.exchange();
    await http.close();
    expect(await underWay).toBeInstanceOf(SessionError);
    const later = await rejection(http.request('GET', URL_TEXT));
    expect(later).toBeInstanceOf(ClosedPoolError);
    expect(later).toMatchObject({ code: 'pool_closed', sent: 'never' });
    await http.close();
  });

  it('before anything was opened opens nothing', async () => {
    const { gateway, http } = await connected();
    await http.close();
    await turns();
    expect(gateway.sessions.all).toHaveLength(0);
  });

  it('leaves what was preloaded as it is', async () => {
    const { http } = await connected(ANSWERING);
    const response = await http.request('GET', URL_TEXT);
    const fetched = await http.fetch(URL_TEXT);
    await http.close();
    expect(await response.text()).toBe('hello');
    expect(await fetched.text()).toBe('hello');
  });

  it.each([
    ['', 'after a request'],
    ['http.request("GET", "http://origin.test/").catch(() => {});', 'with a request under way'],
    [
      'other.request("GET", "http://origin.test/").catch(() => {});',
      'while it tries to reach a gateway that is gone',
    ],
  ])(
    'lets a process end (%s)',
    async (more) => {
      const gateway = await ScriptedGateway.start(ANSWERING);
      const gone = await ScriptedGateway.start();
      await gone.stop();
      const source = `
      import { PoolManager } from ${JSON.stringify(new URL('../src/pool-manager.ts', import.meta.url).href)};
      const http = new PoolManager({ gateway: ${JSON.stringify(gateway.url)} });
      const other = new PoolManager({ gateway: ${JSON.stringify(gone.url)} });
      await http.request('GET', 'http://origin.test/');
      ${more}
      await new Promise((resolve) => setTimeout(resolve, 50));
      await Promise.all([http.close(), other.close()]);
    `;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let complaints = '';
      child.stderr.on('data', (text) => {
        complaints += text;
      });
      const [code] = await once(child, 'exit');
      expect(complaints).toBe('');
      expect(code).toBe(0);
      // A forgotten timer of ours would hold it for longer than this test may take.
    },
    9_000,
  );
});

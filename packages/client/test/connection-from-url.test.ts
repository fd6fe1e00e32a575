import { describe, expect, it, onTestFinished } from 'vitest';
import { connectionFromUrl } from '../src/connection-from-url.ts';
import {
  ClosedPoolError,
  InvalidRequestError,
  LocationParseError,
  LocationValueError,
  URLSchemeUnknown,
} from '../src/errors.ts';
import { HTTPConnectionPool } from '../src/http-connection-pool.ts';
import { HTTPSConnectionPool } from '../src/https-connection-pool.ts';
import type { PoolKwargs } from '../src/pool/pool-options.ts';
import { PoolManager } from '../src/pool-manager.ts';
import { connected, rejection, thrown } from './support/client.ts';
import { CANARY, CERTIFICATE } from './support/credentials.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';
import { ANSWERING, declarations, settingsIn } from './support/settings-on-wire.ts';

const gateway = 'ws://gateway.test/session';

const WRONG_URLS: [string, new (...rest: never[]) => Error, RegExp][] = [
  ['origin.test', LocationParseError, /^url must be absolute/],
  [`//user:${CANARY}@origin.test`, LocationParseError, /^url must be absolute/],
  [`http://user:${CANARY}@[origin.test`, LocationParseError, /^url must be absolute/],
  ['ftp://origin.test', URLSchemeUnknown, /^Not supported URL scheme ftp/],
  ['httpss://origin.test', URLSchemeUnknown, /^Not supported URL scheme httpss/],
  ['ws://origin.test', URLSchemeUnknown, /^Not supported URL scheme ws/],
];

describe('HTTPSConnectionPool', () => {
  it('sends its requests with TLS to port 443', async () => {
    const scripted = await ScriptedGateway.start(ANSWERING);
    const pool = new HTTPSConnectionPool('Origin.Test', undefined, {
      gateway: scripted.url,
      maxsize: 3,
      caCerts: CERTIFICATE,
    });
    onTestFinished(() => pool.close());
    expect(pool).toBeInstanceOf(HTTPConnectionPool);
    expect(pool).toMatchObject({ scheme: 'https', host: 'origin.test', port: 443 });
    const response = await pool.request('GET', '/path?q');
    expect(response.url).toBe('https://origin.test/path?q');
    const [side] = scripted.sessions.all;
    const [exchange] = side!.exchanges.all;
    expect(await exchange!.head).toMatchObject({
      scheme: 'https',
      authority: 'origin.test',
      path: '/path?q',
    });
    expect(settingsIn(side!)).toEqual([
      expect.objectContaining({ id: exchange!.contextId, maxsize: 3, tls: { caCerts: CERTIFICATE } }),
    ]);
    expect(declarations(side!)[0]).toMatchObject({ type: 'context', numPools: 1, maxsize: 3 });
  });

  it('may have another port', () => {
    expect(new HTTPSConnectionPool('origin.test', 80, { gateway }).port).toBe(80);
    expect(new HTTPConnectionPool('origin.test', undefined, { gateway })).toMatchObject({
      scheme: 'http',
      port: 80,
    });
  });
});

describe('connectionFromUrl()', () => {
  it.each([
    ['http://origin.test', HTTPConnectionPool, 'http', 'origin.test', 80],
    ['http://user:secret@Origin.Test:8080/path?q#part', HTTPConnectionPool, 'http', 'origin.test', 8080],
    ['https://origin.test', HTTPSConnectionPool, 'https', 'origin.test', 443],
    [new URL('https://[::1]:80'), HTTPSConnectionPool, 'https', '[::1]', 80],
    ['HTTPS://origin.test:443', HTTPSConnectionPool, 'https', 'origin.test', 443],
  ])('makes a pool for %s', (url, type, scheme, host, port) => {
    const http = new PoolManager({ gateway });
    for (const pool of [connectionFromUrl(url, { gateway }), http.connectionFromUrl(url)]) {
      expect(pool.constructor).toBe(type);
      expect(pool).toMatchObject({ scheme, host, port });
    }
  });

  it.each(WRONG_URLS)('refuses %s', (url, type, message) => {
    const http = new PoolManager({ gateway });
    for (const make of [() => connectionFromUrl(url, { gateway }), () => http.connectionFromUrl(url)]) {
      const error = thrown(make) as Error;
      expect(error).toBeInstanceOf(type);
      expect(error).toBeInstanceOf(LocationValueError);
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain(CANARY);
    }
  });

  it('takes the options of a pool', async () => {
    const scripted = await ScriptedGateway.start(ANSWERING);
    const pool = connectionFromUrl('https://origin.test', {
      gateway: scripted.url,
      proxy: 'http://proxy.test',
    });
    await pool.request('GET', '/');
    await pool.close();
    expect(await rejection(pool.request('GET', '/'))).toBeInstanceOf(ClosedPoolError);
    expect(settingsIn(scripted.sessions.all[0]!)[0]?.proxy?.host).toBe('proxy.test');
    const error = thrown(() => connectionFromUrl('https://origin.test', { gateway, numPools: 1 } as object));
    expect(error).toBeInstanceOf(InvalidRequestError);
  });
});

describe('connectionFromHost()', () => {
  it('makes a pool of the scheme, which is http unless said otherwise', () => {
    const http = new PoolManager({ gateway });
    expect(http.connectionFromHost('origin.test')).toMatchObject({ scheme: 'http', port: 80 });
    expect(http.connectionFromHost('::1', 81)).toMatchObject({ scheme: 'http', host: '[::1]', port: 81 });
    expect(http.connectionFromHost('origin.test', undefined, 'HTTPS')).toMatchObject({
      scheme: 'https',
      port: 443,
    });
  });

  it('refuses what is no origin', () => {
    const http = new PoolManager({ gateway });
    for (const [make, type] of [
      [() => http.connectionFromHost(''), LocationValueError],
      [() => http.connectionFromHost('a b'), LocationValueError],
      [() => http.connectionFromHost('origin.test', 70_000), LocationValueError],
      [() => http.connectionFromHost('origin.test', 80, 'ftp'), URLSchemeUnknown],
      [() => http.connectionFromHost('origin.test', 80, ''), URLSchemeUnknown],
    ] as const) {
      expect(thrown(make)).toBeInstanceOf(type);
    }
  });

  it.each(['numPools', 'gateway', 'token', 'num_pools', 'caCert', 'redirect'])(
    'refuses %s as an option of one pool',
    (name) => {
      const http = new PoolManager({ gateway });
      const error = thrown(() => http.connectionFromHost('a', 80, 'http', { [name]: CANARY } as PoolKwargs));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect((error as Error).message).toMatch(
        new RegExp(
          `^poolKwargs has no option "${name}"; there are headers, retries, timeout, maxsize, block, certReqs`,
        ),
      );
      expect((error as Error).message).not.toContain(CANARY);
    },
  );

  it("makes a pool of the manager's context", async () => {
    const { gateway: scripted, http } = await connected(ANSWERING, {
      caCerts: CERTIFICATE,
      maxsize: 5,
      block: true,
    });
    await http.request('GET', 'https://origin.test/');
    const plain = http.connectionFromHost('origin.test', 443, 'https');
    const own = http.connectionFromHost('origin.test', 443, 'https', {
      maxsize: 2,
      block: null,
      caCerts: null,
      ciphers: 'a',
    });
    const sized = http.connectionFromHost('origin.test', 80, 'http', {
      caCerts: null,
      maxsize: null,
      block: undefined,
    });
    await plain.request('GET', '/');
    await own.request('GET', '/');
    await own.request('GET', '/', { ciphers: 'b' });
    await sized.request('GET', '/');
    const [side] = scripted.sessions.all;
    expect(scripted.sessions.all).toHaveLength(1);
    expect(side!.contexts).toHaveLength(1);
    expect(side!.exchanges.all.map(({ contextId }) => contextId)).toEqual([2, 2, 3, 4, 5]);
    const settings = { type: 'settings', context: 1 };
    expect(settingsIn(side!)).toEqual([
      { ...settings, id: 2, maxsize: 5, block: true, tls: { caCerts: CERTIFICATE } },
      { ...settings, id: 3, maxsize: 2, block: false, tls: { ciphers: 'a' } },
      { ...settings, id: 4, maxsize: 2, block: false, tls: { ciphers: 'b' } },
      { ...settings, id: 5, maxsize: 1, block: true },
    ]);
  });

  it("adds its options to the manager's", async () => {
    const { gateway: scripted, http } = await connected(ANSWERING, { caCerts: CERTIFICATE });
    const pool = http.connectionFromUrl('https://origin.test', { ciphers: 'a' });
    await pool.request('GET', '/', { identity: 'billing' });
    expect(settingsIn(scripted.sessions.all[0]!)[0]?.tls).toEqual({
      caCerts: CERTIFICATE,
      ciphers: 'a',
      identity: 'billing',
    });
  });

  it('without options of its own goes as the manager does', async () => {
    const { gateway: scripted, http } = await connected(ANSWERING);
    for (const kwargs of [undefined, {}, { maxsize: 1 }, { block: false, proxy: null }]) {
      await http.connectionFromHost('origin.test', 80, 'http', kwargs).request('GET', '/');
    }
    const [side] = scripted.sessions.all;
    expect(side!.exchanges.all.map(({ contextId }) => contextId)).toEqual([1, 1, 1, 1]);
  });

  it('keeps options as they were', async () => {
    const { gateway: scripted, http } = await connected(ANSWERING);
    const kwargs: { maxsize: number } = { maxsize: 2 };
    const pool = http.connectionFromHost('origin.test', 80, 'http', kwargs);
    kwargs.maxsize = 3;
    await pool.request('GET', '/');
    expect(settingsIn(scripted.sessions.all[0]!)[0]?.maxsize).toBe(2);
  });

  it.each([
    [{ maxsize: 0 }, /^maxsize must be an integer from 1, got 0/],
    [{ maxsize: '2' }, /^maxsize must be an integer from 1/],
    [{ block: 1 }, /^block must be true or false, got number/],
  ])('refuses %o with the first request', async (kwargs, message) => {
    const { http } = await connected(ANSWERING);
    const pool = http.connectionFromHost('origin.test', 80, 'http', kwargs as PoolKwargs);
    const error = await rejection(pool.request('GET', '/'));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(message);
  });

  it('counts for its pool alone', async () => {
    const { gateway: scripted, http } = await connected();
    const pool = http.connectionFromHost('origin.test');
    const other = http.connectionFromHost('other.test');
    const pending = pool.request('GET', '/');
    (await scripted.exchange()).answer(200, [], '', { numConnections: 2, numRequests: 5 });
    await pending;
    expect([pool.numConnections, pool.numRequests]).toEqual([2, 5]);
    expect([other.numConnections, other.numRequests]).toEqual([0, 0]);
  });

  it('makes a pool that can be closed alone', async () => {
    const { gateway: scripted, http } = await connected();
    const pool = http.connectionFromHost('origin.test', 80, 'http', { maxsize: 2 });
    const other = http.connectionFromHost('origin.test');
    const underWay = pool.request('GET', '/');
    const exchange = await scripted.exchange();
    await pool.close();
    await pool.close();
    expect(await rejection(pool.request('GET', '/'))).toBeInstanceOf(ClosedPoolError);
    exchange.answer(200, [], 'still here');
    expect(await (await underWay).text()).toBe('still here');
    for (const request of [
      () => other.request('GET', '/'),
      () => http.request('GET', 'http://origin.test/'),
    ]) {
      const pending = request();
      (await scripted.exchange()).answer();
      expect((await pending).status).toBe(200);
    }
    expect(scripted.sessions.all).toHaveLength(1);
  });

  it('makes a pool that is closed with its manager', async () => {
    const { http } = await connected(ANSWERING);
    const pools = [http.connectionFromHost('a'), http.connectionFromHost('a', 80, 'http', { ciphers: 'a' })];
    await http.close();
    for (const pool of pools)
      expect(await rejection(pool.request('GET', '/'))).toBeInstanceOf(ClosedPoolError);
  });
});

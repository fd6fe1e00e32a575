import {
  ClosedPoolError,
  configure,
  connectionFromUrl,
  EmptyPoolError,
  HTTPConnectionPool,
  PoolManager,
  type PoolOptions,
  proxyFromUrl,
  SessionError,
  SOCKSProxyManager,
} from '@hip/client';
import { describe, expect, onTestFinished } from 'vitest';
import type { Gateway, Origin } from '../support/control.ts';
import { eventually, rejection, settled } from '../support/eventually.ts';
import { LOOPBACK, newClient, newGateway, newOrigin, test } from '../support/fixtures.ts';

// How pools end: by clear(), by close(), by being used least recently. All of it happens at the gateway, and is seen here
// from the client and in what the origin counts.

/** Exchanges at once in a session: clients of such a gateway soon have several. */
const TWO_STREAMS = { ...LOOPBACK, config: { limits: { maxStreamsPerSession: 2 } } };

function newPool(gateway: Gateway, origin: Origin, options: PoolOptions = {}): HTTPConnectionPool {
  const pool = new HTTPConnectionPool('127.0.0.1', origin.port, {
    gateway: gateway.url,
    token: gateway.token,
    ...options,
  });
  onTestFinished(() => pool.close());
  return pool;
}

/** Waits until so many connections are open; also afterwards there are no more of them. */
async function expectOpen(origin: Origin, count: number): Promise<void> {
  await eventually(async () => expect((await origin.counts()).connectionsOpen).toBe(count));
}

describe('PoolManager.clear()', () => {
  test('closes idle connections, and the next request opens another', async ({ http, origin }) => {
    const other = await newOrigin();
    const pool = http.connectionFromHost('127.0.0.1', origin.port);
    for (let i = 0; i < 2; i++) await pool.request('GET', '/hello');
    await http.request('GET', other.url('/hello'));
    expect([pool.numConnections, pool.numRequests]).toEqual([1, 2]);
    await http.clear();
    await expectOpen(origin, 0);
    await expectOpen(other, 0);
    for (let i = 0; i < 3; i++) await pool.request('GET', '/hello');
    expect([pool.numConnections, pool.numRequests]).toEqual([1, 3]);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2, connectionsOpen: 1 });
  });

  test('lets what is under way finish, and closes its connection then', async ({ gateway, origin }) => {
    const http = newClient(gateway, { maxsize: 5 });
    const streamed = await http.request('GET', origin.url('/held-body/body'), { preloadContent: false });
    const waiting = http.request('GET', origin.url('/slow-start/head'));
    await eventually(() => origin.request('/slow-start'));
    const cleared = http.clear();
    // Sent behind it, nothing awaited.
    const later = http.request('GET', origin.url('/hello'));
    await cleared;
    expect((await later).status).toBe(200);
    expect(await origin.request('/hello')).toMatchObject({ connection: 3 });
    await origin.release('head');
    expect(await (await waiting).text()).toBe('released\n');
    await expectOpen(origin, 2);
    await origin.release('body');
    expect(await streamed.text()).toBe('first second');
    await expectOpen(origin, 1);
    await http.request('GET', origin.url('/hello?again'));
    expect(await origin.request('/hello?again')).toMatchObject({ connection: 3 });
  });

  test('serves who waits for a connection of a pool with block', async ({ gateway, origin }) => {
    const http = newClient(gateway, { block: true });
    const held = http.request('GET', origin.url('/slow-start/go'));
    await eventually(() => origin.request('/slow-start'));
    const waiting = http.request('GET', origin.url('/hello?waits'));
    await http.clear();
    const later = await http.request('GET', origin.url('/hello?later'));
    expect(later.status).toBe(200);
    expect(await origin.requests('/hello?waits')).toHaveLength(0);
    await origin.release('go');
    expect((await held).status).toBe(200);
    expect((await waiting).status).toBe(200);
    expect(await origin.request('/hello?waits')).toMatchObject({ connection: 1 });
    await expectOpen(origin, 1);
  });

  test('reaches the connections of every session, once', async ({ origin }) => {
    const http = newClient(await newGateway(TWO_STREAMS), { maxsize: 6 });
    const six = async (query: string): Promise<void> => {
      const all = Array.from({ length: 6 }, () => http.request('GET', origin.url(`/slow-start/${query}`)));
      await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(6));
      await origin.release(query);
      for (const response of await Promise.all(all)) expect(response.status).toBe(200);
    };
    await six('before');
    await http.clear();
    await six('after');
    await expectOpen(origin, 6);
    expect(await settled(async () => (await origin.counts()).connectionsOpen)).toBe(6);
    await six('reused');
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 12 });
  });

  test('reaches the pools of options that only some requests have', async ({ gateway, origin }) => {
    const http = newClient(gateway);
    const pools = [1, 2, 3].map((maxsize) =>
      http.connectionFromHost('127.0.0.1', origin.port, 'http', { maxsize }),
    );
    for (const pool of pools) await pool.request('GET', '/hello');
    expect((await origin.counts()).connectionsOpen).toBe(3);
    await http.clear();
    await expectOpen(origin, 0);
    for (const pool of pools) await pool.request('GET', '/hello');
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 6, connectionsOpen: 3 });
  });

  test('before the first request and after close() does nothing', async ({ gateway, origin }) => {
    const http = newClient(gateway);
    await http.clear();
    await http.request('GET', origin.url('/hello'));
    await http.close();
    await http.clear();
    await expectOpen(origin, 0);
    expect(await rejection(http.request('GET', origin.url('/hello')))).toBeInstanceOf(ClosedPoolError);
  });

  test('leaves other managers alone', async ({ gateway, http, origin }) => {
    const other = newClient(gateway);
    for (const one of [http, other]) await one.request('GET', origin.url('/hello'));
    await http.clear();
    await expectOpen(origin, 1);
    await other.request('GET', origin.url('/hello'));
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2, connectionsOpen: 1 });
  });
});

describe('close() of a pool of its own', () => {
  test('closes its connections, and refuses what comes later', async ({ gateway, origin }) => {
    const pool = newPool(gateway, origin);
    await pool.request('GET', '/hello');
    expect((await origin.counts()).connectionsOpen).toBe(1);
    await pool.close();
    const error = await rejection(pool.request('GET', '/hello'));
    expect(error).toBeInstanceOf(ClosedPoolError);
    expect(error).toMatchObject({ code: 'pool_closed', sent: 'never' });
    await expectOpen(origin, 0);
    expect(await origin.requests('/hello')).toHaveLength(1);
  });

  test('lets what is under way finish, also who waits for a connection', async ({ gateway, origin }) => {
    const pool = newPool(gateway, origin, { block: true });
    const held = pool.request('GET', '/held-body/go');
    await eventually(() => origin.request('/held-body'));
    const waiting = pool.request('GET', '/hello?waits');
    await pool.close();
    expect(await rejection(pool.request('GET', '/hello?later'))).toBeInstanceOf(ClosedPoolError);
    await origin.release('go');
    expect(await (await held).text()).toBe('first second');
    expect((await waiting).status).toBe(200);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
    await expectOpen(origin, 0);
    expect((await origin.counts()).requests.map(({ outcome }) => outcome)).toEqual(['complete', 'complete']);
  });

  test('leaves an unread response to its reader, until it is given up', async ({ gateway, origin }) => {
    const pool = newPool(gateway, origin, { maxsize: 2 });
    const read = await pool.request('GET', '/held-body/go', { preloadContent: false });
    const given = await pool.request('GET', '/never-end', { preloadContent: false });
    await pool.close();
    await origin.release('go');
    expect(await read.text()).toBe('first second');
    await expectOpen(origin, 1);
    given.close();
    await expectOpen(origin, 0);
    expect((await origin.request('/never-end')).outcome).toBe('aborted');
  });
});

describe('close() of a pool of a manager', () => {
  test('closes the connections of this pool; others open new ones', async ({ gateway, origin }) => {
    const other = await newOrigin();
    const http = newClient(gateway);
    const pool = http.connectionFromHost('127.0.0.1', origin.port);
    const shares = http.connectionFromHost('127.0.0.1', origin.port);
    const differs = http.connectionFromHost('127.0.0.1', origin.port, 'http', { maxsize: 2 });
    for (const one of [pool, shares, differs]) await one.request('GET', '/hello');
    await http.request('GET', other.url('/hello'));
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2, connectionsOpen: 2 });
    await pool.close();
    await expectOpen(origin, 1);
    expect(await rejection(pool.request('GET', '/hello'))).toBeInstanceOf(ClosedPoolError);
    await differs.request('GET', '/hello');
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2 });
    await http.request('GET', origin.url('/hello'));
    await shares.request('GET', '/hello');
    expect([shares.numConnections, shares.numRequests]).toEqual([1, 2]);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 3, connectionsOpen: 2 });
    expect(await other.counts()).toMatchObject({ connectionsOpened: 1, connectionsOpen: 1 });
    await differs.close();
    await expectOpen(origin, 1);
  });

  test('lets what is under way finish, whoever has begun it', async ({ gateway, origin }) => {
    const http = newClient(gateway, { maxsize: 2 });
    const pool = http.connectionFromHost('127.0.0.1', origin.port);
    const mine = pool.request('GET', '/held-body/go');
    const others = http.request('GET', origin.url('/held-body/go'));
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(2));
    await pool.close();
    await origin.release('go');
    for (const held of [mine, others]) expect(await (await held).text()).toBe('first second');
    await expectOpen(origin, 0);
    await http.request('GET', origin.url('/hello'));
    expect(await origin.request('/hello')).toMatchObject({ connection: 3 });
  });
});

describe('a pool that was used least recently', () => {
  test('ends with its last response, and a handle to it leads to the next one', async ({
    gateway,
    origin,
  }) => {
    const other = await newOrigin();
    const http = newClient(gateway, { numPools: 1, maxsize: 3 });
    const pool = http.connectionFromHost('127.0.0.1', origin.port);
    const [first, second, idle] = [
      await pool.request('GET', '/held-body/first', { preloadContent: false }),
      await pool.request('GET', '/held-body/second', { preloadContent: false }),
      await pool.request('GET', '/hello'),
    ];
    expect(idle.status).toBe(200);
    expect([pool.numConnections, pool.numRequests]).toEqual([3, 3]);
    await http.request('GET', other.url('/hello'));
    await expectOpen(origin, 2);
    await origin.release('first');
    expect(await first.text()).toBe('first second');
    await expectOpen(origin, 1);
    // Its place in the pool is empty now; the next request goes to another pool anyway.
    await pool.request('GET', '/hello?next');
    expect(await origin.request('/hello?next')).toMatchObject({ connection: 4 });
    expect([pool.numConnections, pool.numRequests]).toEqual([1, 1]);
    await origin.release('second');
    expect(await second.text()).toBe('first second');
    await expectOpen(origin, 1);
    await pool.request('GET', '/hello?last');
    expect(await origin.request('/hello?last')).toMatchObject({ connection: 4 });
    expect([pool.numConnections, pool.numRequests]).toEqual([1, 2]);
    expect((await origin.counts()).requests.every(({ outcome }) => outcome === 'complete')).toBe(true);
  });

  test('with numPools: 0 no connection is kept', async ({ gateway, origin }) => {
    const http = newClient(gateway, { numPools: 0 });
    for (let i = 0; i < 3; i++) await http.request('GET', origin.url('/hello'));
    expect((await origin.counts()).connectionsOpened).toBe(3);
    await expectOpen(origin, 0);
  });
});

test('a connection that is given back twice makes a pool neither too full (FullPoolError) nor larger', async ({
  gateway,
  origin,
}) => {
  const pool = newPool(gateway, origin, { maxsize: 2, block: true });
  for (let round = 0; round < 3; round++) {
    const responses = await Promise.all(
      ['/hello', '/held-body/never'].map((path) => pool.request('GET', path, { preloadContent: false })),
    );
    await responses[0]!.read();
    for (const response of responses) {
      response.releaseConn();
      response.close();
      response.releaseConn();
    }
  }
  const held = [pool.request('GET', '/slow-start/go'), pool.request('GET', '/slow-start/go')];
  await eventually(async () => expect(await origin.requests('/slow-start')).toHaveLength(2));
  // Nor has it room for more than before.
  const error = await rejection(pool.request('GET', '/hello?third', { poolTimeout: 100 }));
  expect(error).toBeInstanceOf(EmptyPoolError);
  expect(error).toMatchObject({ code: 'pool_timeout', sent: 'never' });
  await origin.release('go');
  for (const response of await Promise.all(held)) expect(response.status).toBe(200);
  expect(await origin.requests('/hello?third')).toHaveLength(0);
});

describe('using', () => {
  test('a response gives up what was not read', async ({ gateway, origin }) => {
    const http = newClient(gateway, { block: true });
    {
      using response = await http.request('GET', origin.url('/never-end'), { preloadContent: false });
      expect(await response.read(5)).toHaveLength(5);
    }
    await eventually(async () => expect((await origin.request('/never-end')).outcome).toBe('aborted'));
    {
      await using response = await http.request('GET', origin.url('/hello'), { preloadContent: false });
      expect(await response.text()).toBe('hello, world\n');
    }
    await http.request('GET', origin.url('/hello'));
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2, maxConnectionsOpen: 1 });
  });

  test('a manager gives up everything', async ({ gateway, origin }) => {
    let left: PoolManager;
    let underWay: Promise<unknown>;
    {
      await using http = new PoolManager({ gateway: gateway.url, token: gateway.token });
      left = http;
      await http.request('GET', origin.url('/hello'));
      underWay = rejection(http.request('GET', origin.url('/never-head')));
      await eventually(() => origin.request('/never-head'));
    }
    expect(await underWay).toBeInstanceOf(SessionError);
    expect(await rejection(left.request('GET', origin.url('/hello')))).toBeInstanceOf(ClosedPoolError);
    await expectOpen(origin, 0);
  });

  test('a pool closes its connections', async ({ gateway, origin }) => {
    configure({ gateway: gateway.url, token: gateway.token });
    {
      await using pool = connectionFromUrl(origin.url('/'));
      await pool.request('GET', '/hello');
      await using http = new PoolManager();
      await using part = http.connectionFromUrl(origin.url('/'));
      await part.request('GET', '/hello');
      expect((await origin.counts()).connectionsOpen).toBe(2);
    }
    await expectOpen(origin, 0);
  });

  test('managers of proxies are managers', async ({ gateway }) => {
    const to = { gateway: gateway.url, token: gateway.token };
    const made: PoolManager[] = [];
    {
      await using forwarding = proxyFromUrl('http://127.0.0.1:1', to);
      await using socks = new SOCKSProxyManager('socks5h://127.0.0.1:1', to);
      made.push(forwarding, socks);
      for (const http of made) await http.clear();
    }
    for (const http of made)
      expect(await rejection(http.request('GET', 'http://a.test/'))).toBeInstanceOf(ClosedPoolError);
  });
});

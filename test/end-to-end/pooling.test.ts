import { describe, expect } from 'vitest';
import type { Origin } from '../support/control.ts';
import { eventually, rejection, settled } from '../support/eventually.ts';
import { newClient, newOrigin, test } from '../support/fixtures.ts';

// Pools live at the gateway, so all of this is seen from the origin's end: how many connections, and which one.

describe('keep-alive', () => {
  test('requests after one another use one connection', async ({ http, origin }) => {
    for (let i = 0; i < 5; i++) await http.request('GET', origin.url('/hello'));
    const { connectionsOpened, requests } = await origin.counts();
    expect(connectionsOpened).toBe(1);
    expect(requests).toHaveLength(5);
  });

  test('a connection that the origin closed while idle is not used again', async ({ http, origin }) => {
    await http.request('GET', origin.url('/hello'));
    await origin.closeIdle();
    await eventually(async () => expect((await origin.counts()).connectionsOpen).toBe(0));
    const response = await http.request('POST', origin.url('/echo'), { body: 'once' });
    expect(response.status).toBe(200);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2 });
    expect(await origin.requests('/echo')).toHaveLength(1);
  });

  test('the connection that came back last is used first', async ({ gateway, origin }) => {
    const http = newClient(gateway, { maxsize: 2 });
    const { first, second } = await twoAtOnce(origin, (path) => http.request('GET', origin.url(path)));
    await origin.release('second');
    await second;
    await origin.release('first');
    await first;
    await http.request('GET', origin.url('/hello'));
    const { connection } = await origin.request('/slow-start/first');
    expect((await origin.request('/hello')).connection).toBe(connection);
  });

  test('a body that is not read keeps its connection, and the next request opens another', async ({
    gateway,
    origin,
  }) => {
    const http = newClient(gateway, { maxsize: 2 });
    const unread = await http.request('GET', origin.url('/held-body/rest'), { preloadContent: false });
    await http.request('GET', origin.url('/hello'));
    expect((await origin.request('/hello')).connection).toBe(2);
    await origin.release('rest');
    await unread.read();
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2 });
  });
});

describe('maxsize', () => {
  test('without block: as many connections as requests, and maxsize of them are kept', async ({
    gateway,
    origin,
  }) => {
    const http = newClient(gateway, { maxsize: 3 });
    const all = Array.from({ length: 8 }, () => http.request('GET', origin.url('/slow-start/go')));
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(8));
    expect((await origin.counts()).connectionsOpen).toBe(8);
    await origin.release('go');
    await Promise.all(all);
    await eventually(async () => expect((await origin.counts()).connectionsOpen).toBe(3));
    expect(await settled(async () => (await origin.counts()).connectionsOpen)).toBe(3);
    await http.request('GET', origin.url('/hello'));
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 8 });
  });

  test('with block: never more connections than maxsize', async ({ gateway, origin }) => {
    const http = newClient(gateway, { maxsize: 2, block: true });
    const all = Array.from({ length: 6 }, () => http.request('GET', origin.url('/slow-start/go')));
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(2));
    expect(await settled(async () => (await origin.counts()).requests.length)).toBe(2);
    await origin.release('go');
    for (const response of await Promise.all(all)) expect(response.status).toBe(200);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2, maxConnectionsOpen: 2 });
  });

  test('with block: an unread body holds the only connection until it is read', async ({
    gateway,
    origin,
  }) => {
    const http = newClient(gateway, { maxsize: 1, block: true });
    const unread = await http.request('GET', origin.url('/held-body/rest'), { preloadContent: false });
    const waiting = http.request('GET', origin.url('/hello'));
    expect(await settled(async () => (await origin.requests('/hello')).length)).toBe(0);
    await origin.release('rest');
    await unread.read();
    expect((await waiting).status).toBe(200);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test('with block: a request that is aborted while it waits takes no connection', async ({
    gateway,
    origin,
  }) => {
    const http = newClient(gateway, { maxsize: 1, block: true });
    const held = http.request('GET', origin.url('/slow-start/go'));
    await eventually(() => origin.request('/slow-start'));
    const controller = new AbortController();
    const waiting = rejection(http.request('GET', origin.url('/echo'), { signal: controller.signal }));
    controller.abort();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
    await origin.release('go');
    await held;
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    expect(await origin.requests('/echo')).toHaveLength(0);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test('with block: the connection of an aborted request makes room for the next', async ({
    gateway,
    origin,
  }) => {
    const http = newClient(gateway, { maxsize: 1, block: true });
    const controller = new AbortController();
    const held = rejection(http.request('GET', origin.url('/never-head'), { signal: controller.signal }));
    await eventually(() => origin.request('/never-head'));
    const waiting = http.request('GET', origin.url('/hello'));
    controller.abort();
    await held;
    expect((await waiting).status).toBe(200);
  });

  test('with block and a pool timeout: EmptyPoolError', async ({ gateway, origin }) => {
    const http = newClient(gateway, { maxsize: 1, block: true });
    const held = http.request('GET', origin.url('/slow-start/go'));
    await eventually(() => origin.request('/slow-start'));
    const error = await rejection(http.request('GET', origin.url('/hello'), { poolTimeout: 100 }));
    expect(error).toMatchObject({ name: 'EmptyPoolError' });
    await origin.release('go');
    await held;
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });
});

describe('numPools', () => {
  test('a third host closes the idle connection of the host that was used longest ago', async ({
    gateway,
    origin,
  }) => {
    const others = [await newOrigin(), await newOrigin()] as const;
    const http = newClient(gateway, { numPools: 2 });
    await http.request('GET', origin.url('/hello'));
    await http.request('GET', others[0].url('/hello'));
    await http.request('GET', origin.url('/hello')); // now others[0] is the oldest
    await http.request('GET', others[1].url('/hello'));
    await eventually(async () => expect((await others[0].counts()).connectionsOpen).toBe(0));
    await http.request('GET', origin.url('/hello'));
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1, connectionsOpen: 1 });
    await http.request('GET', others[0].url('/hello'));
    expect(await others[0].counts()).toMatchObject({ connectionsOpened: 2 });
  });

  test('a request that is under way outlives its pool', async ({ gateway, origin }) => {
    const other = await newOrigin();
    const http = newClient(gateway, { numPools: 1 });
    const held = http.request('GET', origin.url('/held-body/rest'));
    await eventually(() => origin.request('/held-body'));
    await http.request('GET', other.url('/hello'));
    await origin.release('rest');
    expect(await (await held).text()).toBe('first second');
    await eventually(async () => expect((await origin.counts()).connectionsOpen).toBe(0));
  });
});

/** Two requests on two connections, both waiting for their latch. */
async function twoAtOnce<T>(
  origin: Origin,
  send: (path: string) => Promise<T>,
): Promise<{ first: Promise<T>; second: Promise<T> }> {
  const first = send('/slow-start/first');
  await eventually(() => origin.request('/slow-start/first'));
  const second = send('/slow-start/second');
  await eventually(() => origin.request('/slow-start/second'));
  return { first, second };
}

import {
  ConnectTimeoutError,
  configure,
  DeadlineError,
  MaxRetryError,
  ReadTimeoutError,
  Retry,
  request,
  Timeout,
} from '@hip/client';
import { describe, expect } from 'vitest';
import { eventually, rejection } from '../support/eventually.ts';
import { newBlackHole, newClient, newRawProxy, test } from '../support/fixtures.ts';
import { socks5Reply, socks5Until } from '../support/peers/raw-scripts.ts';
import { throughSocks } from '../support/proxy-clients.ts';

describe('timeout', () => {
  test('of a manager holds for requests that have none', async ({ gateway, origin }) => {
    const http = newClient(gateway, { timeout: new Timeout({ read: 200 }), retries: false });
    const patient = http.request('GET', origin.url('/slow-start/go'), { timeout: null });
    expect(await rejection(http.request('GET', origin.url('/never-head')))).toBeInstanceOf(ReadTimeoutError);
    expect(http.timeout.read).toBe(200);
    await origin.release('go');
    expect((await patient).status).toBe(200);
  });

  test('is one for each attempt', async ({ http, origin }) => {
    const init = { timeout: 150, retries: 2 };
    const error = (await rejection(http.request('GET', origin.url('/never-head'), init))) as MaxRetryError;
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error.reason).toBeInstanceOf(ReadTimeoutError);
    expect(await origin.requests('/never-head')).toHaveLength(3);
  });

  test('total limits connecting, too', async ({ http }) => {
    const { url } = await newBlackHole();
    const init = { timeout: { total: 200 }, retries: false as const };
    expect(await rejection(http.request('GET', url, init))).toMatchObject({ name: 'ConnectTimeoutError' });
  });

  test('of 0 is refused, as urllib3 does', async ({ http, origin }) => {
    for (const timeout of [0, -1, { read: 0 }]) {
      expect(await rejection(http.request('GET', origin.url('/hello'), { timeout }))).toMatchObject({
        code: 'invalid_option',
      });
    }
  });

  test('of request() of the module is 3 seconds', async ({ gateway, origin }) => {
    configure({ gateway: gateway.url, token: gateway.token });
    const sinceMs = performance.now();
    const error = await rejection(request('GET', origin.url('/never-head'), { retries: false }));
    expect(error).toBeInstanceOf(ReadTimeoutError);
    expect(performance.now() - sinceMs).toBeGreaterThan(2_900);
  });
});

describe('total', () => {
  test('is for connecting and the origin together: what is left is its silence', async ({
    gateway,
    origin,
  }) => {
    // A way that takes its time, and an origin that never answers.
    const proxy = await newRawProxy(
      socks5Until({
        at: 'request',
        does: [{ wait: 'go' }, { write: socks5Reply(0) }, { relayTo: origin.port }],
      }),
    );
    const http = throughSocks(gateway, proxy.url('socks5h'));
    const init = { timeout: { total: 4_000 }, retries: false as const };
    const failing = rejection(http.request('GET', origin.url('/never-head'), init));
    await eventually(async () => expect((await proxy.connections())[0]?.received).toContain('\x05\x01\0'));
    const sinceMs = performance.now();
    await eventually(() => expect(performance.now() - sinceMs).toBeGreaterThan(500));
    const connectMs = performance.now() - sinceMs;
    await proxy.release('go');
    const error = (await failing) as ReadTimeoutError;
    expect(error).toBeInstanceOf(ReadTimeoutError);
    expect(error).toMatchObject({ code: 'connection_read_timeout', sent: 'maybe' });
    const leftMs = Number(/\(read timeout=(\d+) ms\)/.exec(error.message)?.[1]);
    expect(leftMs).toBeLessThanOrEqual(4_000 - connectMs);
    expect(leftMs).toBeGreaterThan(0);
  });

  test('leaves nothing for the origin where connecting takes it: ConnectTimeoutError', async ({
    gateway,
    origin,
  }) => {
    const proxy = await newRawProxy(socks5Until({ at: 'request', does: [{ wait: 'never' }] }));
    const http = throughSocks(gateway, proxy.url('socks5h'));
    const init = { timeout: { total: 300, connect: 60_000, read: 60_000 }, retries: false as const };
    const error = await rejection(http.request('GET', origin.url('/hello'), init));
    expect(error).toBeInstanceOf(ConnectTimeoutError);
    expect((error as Error).message).toContain('(connect timeout=300 ms)');
  });

  test('does not limit the content', async ({ http, origin }) => {
    const init = { timeout: { total: 60_000 }, preloadContent: false };
    const response = await http.request('GET', origin.url('/held-body/rest'), init);
    await origin.release('rest');
    expect(await response.text()).toBe('first second');
  });
});

describe('deadline', () => {
  test('ends content that never ends', async ({ http, origin }) => {
    const init = { timeout: { deadline: 300 } };
    const error = await rejection(http.request('GET', origin.url('/trickle'), init));
    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({ code: 'deadline_exceeded' });
    await eventually(async () => expect((await origin.request('/trickle')).outcome).toBe('aborted'));
  });

  test('ends content that is read in pieces', async ({ http, origin }) => {
    const init = { timeout: { deadline: 300 }, preloadContent: false };
    const response = await http.request('GET', origin.url('/trickle'), init);
    expect(response.status).toBe(200);
    expect(await rejection(response.read())).toBeInstanceOf(DeadlineError);
  });

  test('ends the retries and the pauses between them', async ({ http, origin }) => {
    const retries = new Retry({ statusForcelist: [502], backoffFactor: 60_000 });
    const init = { timeout: { deadline: 300 }, retries };
    const error = await rejection(http.request('GET', origin.url('/status-before/9/502'), init));
    expect(error).toBeInstanceOf(DeadlineError);
    expect(await origin.requests('/status-before')).toHaveLength(2);
  });

  test('that is not reached changes nothing', async ({ http, origin }) => {
    const init = { timeout: { deadline: 60_000 } };
    expect(await (await http.request('GET', origin.url('/hello'), init)).text()).toBe('hello, world\n');
  });
});

import type { HTTPError } from '@hip/client';
import { describe, expect } from 'vitest';
import { eventually, rejection } from '../support/eventually.ts';
import { LOOPBACK, newClient, newGateway, newRelay, test } from '../support/fixtures.ts';

describe('a connection that is lost without a word', () => {
  test('idle: what may be repeated moves to a new session; a POST is told that its fate is unknown', async ({
    origin,
    gateway,
  }) => {
    const relay = await newRelay(gateway);
    const http = newClient(gateway, { gateway: relay.url });
    await http.request('GET', origin.url('/hello'));
    await relay.lose();
    const [fetched, requested, put, error] = await Promise.all([
      http.fetch(origin.url('/hello?fetch')),
      http.request('GET', origin.url('/hello?request')),
      http.fetch(origin.url('/upload'), { method: 'PUT', body: 'content' }),
      rejection(http.request('POST', origin.url('/echo?post'), { body: 'pay 10' })),
    ]);
    expect(await fetched.text()).toBe('hello, world\n');
    expect(await requested.text()).toBe('hello, world\n');
    expect(await put.json()).toMatchObject({ receivedBytes: 7 });
    expect(error as HTTPError).toMatchObject({ name: 'SessionError', code: 'session_lost', sent: 'maybe' });
    expect(await origin.requests('/echo')).toHaveLength(0);
    // The next one has a session that works.
    expect((await http.request('POST', origin.url('/echo?next'), { body: 'pay 20' })).status).toBe(200);
  });

  test('busy: a request on its way is repeated where it may be, and a body that was read breaks off', async ({
    origin,
    gateway,
  }) => {
    const relay = await newRelay(gateway);
    const http = newClient(gateway, { gateway: relay.url });
    const body = rejection((await http.fetch(origin.url('/held-body/rest'))).text());
    const waiting = http.fetch(origin.url('/slow-start/go'));
    await eventually(() => origin.request('/slow-start'));
    await relay.lose();
    expect(await body).toMatchObject({ name: 'TypeError', cause: { code: 'session_lost' } });
    await eventually(async () => expect(await origin.requests('/slow-start')).toHaveLength(2));
    await origin.release('go');
    expect(await (await waiting).text()).toBe('released\n');
  });

  test('at the gateway: it lets go of what nobody waits for any more', async ({ origin }) => {
    const args = ['--ping-interval-ms', '500', '--ping-timeout-ms', '500'];
    const gateway = await newGateway({ ...LOOPBACK, args });
    const relay = await newRelay(gateway);
    const http = newClient(gateway, { gateway: relay.url });
    const lost = rejection(http.request('GET', origin.url('/never-head'), { retries: false }));
    await eventually(() => origin.request('/never-head'));
    await relay.lose();
    await eventually(async () => expect((await origin.request('/never-head')).outcome).toBe('aborted'));
    expect((await gateway.status()).stderr).toContain('the client does not answer');
    expect(await lost).toMatchObject({ code: 'session_lost' });
  });
});

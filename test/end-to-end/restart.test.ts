import { MaxRetryError, SessionError } from '@hip/client';
import { describe, expect } from 'vitest';
import type { Gateway } from '../support/control.ts';
import { eventually, rejection, within } from '../support/eventually.ts';
import { LOOPBACK, newClient, newGateway, test } from '../support/fixtures.ts';

describe('a gateway that is killed', () => {
  test('in the middle of a body: a typed error, and after its restart the next request succeeds', async ({
    origin,
  }) => {
    const gateway = await newGateway();
    const http = newClient(gateway);
    const response = await http.request('GET', origin.url('/held-body/rest'), { preloadContent: false });
    expect(await response.read(6)).toHaveLength(6);
    const rest = rejection(response.read());
    await kill(gateway);
    const error = await within(10_000, 'the error of the broken body', rest);
    expect(error).toBeInstanceOf(SessionError);
    expect((error as Error).message).toMatch(/session/i);
    await eventually(async () => expect((await origin.request('/held-body')).outcome).toBe('aborted'));

    await gateway.restart();
    const next = await within(
      10_000,
      'the first request after the restart',
      http.request('GET', origin.url('/hello')),
    );
    expect(await next.text()).toBe('hello, world\n');
  });

  test('in the middle of a fetch() body: the read fails as a network error with the reason as its cause', async ({
    origin,
  }) => {
    const gateway = await newGateway();
    const response = await newClient(gateway).fetch(origin.url('/held-body/rest'));
    const text = rejection(response.text());
    await kill(gateway);
    const error = await text;
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).cause).toBeInstanceOf(SessionError);
  });

  test('before the head: request() fails when no session comes back, fetch() with a TypeError', async ({
    origin,
  }) => {
    const gateway = await newGateway();
    const http = newClient(gateway);
    const requested = rejection(http.request('GET', origin.url('/never-head?request')));
    const fetched = rejection(http.fetch(origin.url('/never-head?fetch')));
    await eventually(async () => expect(await origin.requests('/never-head')).toHaveLength(2));
    await kill(gateway);
    // A GET is sent again: what is told at last is that it could not be, and that it may have been seen before.
    const error = (await requested) as MaxRetryError;
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error).toMatchObject({
      code: 'session_unavailable',
      sent: 'maybe',
      reason: expect.any(SessionError),
    });
    expect(error.history.map((entry) => entry.error?.code)).toEqual(['session_lost', 'session_unavailable']);
    expect(await fetched).toMatchObject({ name: 'TypeError', cause: expect.any(SessionError) });
  });

  test('a hundred requests are each told, and none hangs', async ({ origin }) => {
    const gateway = await newGateway();
    const http = newClient(gateway);
    const all = Array.from({ length: 100 }, () =>
      rejection(http.request('GET', origin.url('/never-head'), { retries: false })),
    );
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(100));
    await kill(gateway);
    const errors = await within(10_000, 'the errors of 100 requests', Promise.all(all));
    for (const error of errors) expect(error).toBeInstanceOf(SessionError);
  });

  test('a request that was sent is not sent a second time', async ({ origin }) => {
    const gateway = await newGateway();
    const http = newClient(gateway);
    const answered = rejection(http.request('POST', origin.url('/never-head'), { body: 'pay 10' }));
    await eventually(() => origin.request('/never-head'));
    await kill(gateway);
    await gateway.restart();
    expect(await answered).toBeInstanceOf(SessionError);
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    expect(await origin.requests('/never-head')).toHaveLength(1);
  });
});

describe('a gateway that stops answering', () => {
  test('and goes on later: the request goes on with it', async ({ origin }) => {
    const gateway = await newGateway();
    const http = newClient(gateway);
    await http.request('GET', origin.url('/hello'));
    await gateway.signal('SIGSTOP');
    const waiting = http.request('GET', origin.url('/bytes/100000'));
    await gateway.signal('SIGCONT');
    expect((await waiting).data).toHaveLength(100_000);
  });
});

describe('a gateway that is asked to end', () => {
  test('lets what is under way finish, while new requests go to its successor on the same address', async ({
    origin,
  }) => {
    const gateway = await newGateway();
    const http = newClient(gateway);
    const held = http.request('GET', origin.url('/held-body/rest'));
    await eventually(() => origin.request('/held-body'));
    await gateway.signal('SIGTERM');
    const successor = await successorOf(gateway);
    const next = await within(10_000, 'a request after the drain', http.request('GET', origin.url('/hello')));
    expect(next.status).toBe(200);
    expect((await gateway.status()).isRunning).toBe(true);
    await origin.release('rest');
    expect(await (await held).text()).toBe('first second');
    expect((await within(10_000, 'the end of the gateway', gateway.exited())).exitCode).toBe(0);
    expect((await successor.status()).isRunning).toBe(true);
  });

  test('with nothing under way: ends with 0 at once', async ({ origin }) => {
    const gateway = await newGateway();
    await newClient(gateway).request('GET', origin.url('/hello'));
    await gateway.signal('SIGTERM');
    expect((await within(5_000, 'the end of the gateway', gateway.exited())).exitCode).toBe(0);
  });
});

async function kill(gateway: Gateway): Promise<void> {
  await gateway.signal('SIGKILL');
  await gateway.exited();
}

/** The address is free as soon as the earlier gateway has closed its listener. */
function successorOf(gateway: Gateway): Promise<Gateway> {
  return eventually(() => newGateway({ ...LOOPBACK, listen: gateway.host, token: gateway.token }));
}

import { InvalidRequestError, ProtocolError } from '@hip/client';
import { expect } from 'vitest';
import { eventually, rejection } from '../support/eventually.ts';
import { LOOPBACK, newClient, newGateway, test } from '../support/fixtures.ts';

test('a head of 12 KiB passes both ways', async ({ http, origin }) => {
  const value = 'v'.repeat(12 * 1024);
  const response = await http.request('GET', origin.url(`/big-head?bytes=${12 * 1024}`), {
    headers: { 'x-big': value },
  });
  expect(response.headers.get('x-big')).toHaveLength(12 * 1024);
  expect((await origin.request('/big-head')).rawHeaders).toContain(value);
});

test('a response head that is too large is a ProtocolError, and others go on', async ({ http, origin }) => {
  const held = http.request('GET', origin.url('/held-body/rest'));
  await eventually(() => origin.request('/held-body'));
  const error = await rejection(
    http.request('GET', origin.url('/big-head?bytes=1000000'), { retries: false }),
  );
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ code: 'response_head_too_large' });
  await origin.release('rest');
  expect(await (await held).text()).toBe('first second');
});

test('a request head that is too large is an InvalidRequestError, and others go on', async ({
  http,
  origin,
}) => {
  const held = http.request('GET', origin.url('/held-body/rest'));
  await eventually(() => origin.request('/held-body'));
  const headers = { 'x-big': 'v'.repeat(1_000_000) };
  const error = await rejection(http.request('GET', origin.url('/hello'), { headers }));
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error).toMatchObject({ code: 'request_head_too_large' });
  expect(await origin.requests('/hello')).toHaveLength(0);
  await origin.release('rest');
  expect(await (await held).text()).toBe('first second');
});

test('five thousand fields of a request are refused or arrive, and the session stays', async ({
  http,
  origin,
}) => {
  const headers = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`x-${i}`, 'value']));
  const outcome = await http
    .request('GET', origin.url('/hello?many'), { headers })
    .catch((error: unknown) => error);
  if (outcome instanceof Error) expect(outcome).toBeInstanceOf(InvalidRequestError);
  expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
});

test('a very long URL arrives whole', async ({ http, origin }) => {
  const target = `/hello?q=${'q'.repeat(12_000)}`;
  expect((await http.request('GET', origin.url(target))).status).toBe(200);
  expect((await origin.request('/hello')).target).toBe(target);
});

test('a gateway that is full lets a client in when there is room again', async ({ origin }) => {
  const gateway = await newGateway({ ...LOOPBACK, args: ['--max-sessions', '1'] });
  const first = newClient(gateway);
  await first.request('GET', origin.url('/hello'));
  const waiting = newClient(gateway).request('POST', origin.url('/echo'), { body: 'once' });
  await eventually(async () =>
    expect((await gateway.status()).stderr).toContain('the gateway holds as many sessions as it may'),
  );
  await first.close();
  expect((await waiting).status).toBe(200);
  expect(await origin.requests('/echo')).toHaveLength(1);
});

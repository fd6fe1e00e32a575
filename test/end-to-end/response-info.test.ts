import { describe, expect } from 'vitest';
import { contentStream } from '../support/content.ts';
import { rejection } from '../support/eventually.ts';
import { describeWith, LOOPBACK, newClient, newTlsOrigin, test } from '../support/fixtures.ts';

// What is told of a response: `hip` of a Response, and the same of an HTTPResponse.

const describeTls = await describeWith('openssl');

test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  allow: ['127.0.0.1:*', 'localhost:*'],
}));

describe('response.hip', () => {
  test('tells the connection, and that it was used again', async ({ http, origin, gateway }) => {
    const first = await http.fetch(origin.url('/hello'));
    await first.text();
    const second = await http.fetch(origin.url('/hello'));
    expect(first.hip).toMatchObject({
      connection: { reused: false },
      httpVersion: '1.1',
      tls: undefined,
      gateway: { url: gateway.url, transport: 'websocket' },
      history: [],
      informational: [],
    });
    expect(second.hip.connection).toEqual({ id: first.hip.connection.id, reused: true });
  });

  test('tells how long each step took', async ({ http, origin }) => {
    const first = await http.fetch(origin.url('/hello'));
    await first.text();
    const { timings } = (await http.fetch(origin.url('/hello'))).hip;
    expect(first.hip.timings.sessionMs).toBeGreaterThan(0);
    expect(first.hip.timings.connectMs).toBeGreaterThan(0);
    expect(timings).toMatchObject({ resolveMs: 0, connectMs: 0, tlsMs: 0, sendMs: undefined });
    expect(timings.sessionMs).toBeLessThan(first.hip.timings.sessionMs);
    for (const each of [first.hip.timings, timings]) {
      const { sessionMs, queueMs, resolveMs, connectMs, tlsMs, waitMs, totalMs, startedAtMs } = each;
      const steps = sessionMs + queueMs + resolveMs + connectMs + tlsMs + waitMs;
      // Two clocks, each of which may be rounded to a tenth of a millisecond.
      expect(steps).toBeLessThanOrEqual(totalMs + 1);
      expect(startedAtMs + totalMs).toBeLessThanOrEqual(performance.now());
    }
  });

  test('tells how long an upload took to leave, apart from the wait', async ({ http, origin }) => {
    const init = { method: 'POST', body: contentStream(5_000_000), duplex: 'half' };
    const { timings } = (await http.fetch(origin.url('/upload'), init)).hip;
    expect(timings.sendMs).toBeGreaterThan(0);
    expect(timings.sendMs).toBeLessThanOrEqual(timings.waitMs);
  });

  test('has informational responses, trailers and redirects, also of a clone', async ({ http, origin }) => {
    const hinted = await http.fetch(origin.url('/early-hints'));
    const [hints] = hinted.hip.informational;
    expect([hints?.status, hints?.headers.get('x-hint')]).toEqual([103, 'early']);
    const response = await http.fetch(origin.url('/redirect/302?to=/trailers'));
    const clone = response.clone();
    expect(await response.text()).toBe('with trailers');
    expect(clone.hip.history).toMatchObject([{ status: 302, redirectLocation: '/trailers' }]);
    expect(Object.fromEntries(await clone.hip.trailers)).toEqual({ 'x-checksum': 'abc123', 'x-took': '7' });
  });

  test('has no trailers of content that breaks off', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/short'));
    const { trailers } = response.hip;
    const [told, read] = await Promise.all([rejection(trailers), rejection(response.text())]);
    expect(told).toBeInstanceOf(TypeError);
    expect((told as Error).cause).toBe((read as Error).cause);
  });
});

describeTls('response.hip of an https: origin', () => {
  test('tells TLS, with certificates where they are asked for', async ({ http, pki }) => {
    const origin = await newTlsOrigin();
    const caCerts = pki.root.certificate;
    const response = await http.fetch(origin.url('/hello', 'localhost'), { hip: { caCerts } });
    const { hip } = response;
    expect(hip.tls).toMatchObject({ version: 'TLSv1.3', verified: true, peerCertificates: undefined });
    expect(hip.timings.tlsMs).toBeGreaterThan(0);
    expect(hip.timings.resolveMs).toBeGreaterThan(0);
    await response.text();
    const asked = await http.fetch(origin.url('/hello', 'localhost'), {
      hip: { caCerts, peerCertificates: true },
    });
    expect(asked.hip.tls?.peerCertificates?.length).toBeGreaterThan(0);
    expect(asked.hip.connection).toEqual({ id: hip.connection.id, reused: true });
  });
});

describe('an HTTPResponse', () => {
  test('tells the same', async ({ gateway, origin }) => {
    const http = newClient(gateway);
    const first = await http.request('GET', origin.url('/hello'));
    const second = await http.request('GET', origin.url('/hello'));
    expect([first.connection.reused, second.connection]).toEqual([
      false,
      { id: first.connection.id, reused: true },
    ]);
    expect(first.timings.connectMs).toBeGreaterThan(0);
    expect(second.timings).toMatchObject({ resolveMs: 0, connectMs: 0, tlsMs: 0 });
    expect(second.gateway).toEqual({ url: gateway.url, transport: 'websocket' });
  });
});

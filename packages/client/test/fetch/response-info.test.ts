import { describe, expect, it } from 'vitest';
import { turns } from '../support/arrivals.ts';
import { connected, rejection } from '../support/client.ts';

const ORIGIN = 'http://origin.test';

describe('response.hip', () => {
  it('has what the gateway told, and what the client saw', async () => {
    const { gateway, http } = await connected();
    const startedAtMs = performance.now();
    const pending = http.fetch(`${ORIGIN}/`);
    const exchange = await gateway.exchange();
    exchange.answer(200, [], 'text', {
      connectionId: 7,
      reused: false,
      httpVersion: '1.1',
      queueUs: 1_500,
      connectUs: 60_000,
      resolveUs: 10_000,
      tlsUs: 20_000,
      sendUs: 3_000,
      waitUs: 4_250,
      tlsVersion: 'TLSv1.3',
      tlsCipher: 'TLS_AES_128_GCM_SHA256',
      tlsVerified: true,
      tlsResumed: false,
    });
    const { hip } = await pending;
    expect(hip).toMatchObject({
      timings: { queueMs: 1.5, resolveMs: 10, connectMs: 30, tlsMs: 20, sendMs: 3, waitMs: 4.25 },
      connection: { id: 7, reused: false },
      httpVersion: '1.1',
      tls: { version: 'TLSv1.3', verified: true },
      gateway: { url: gateway.url, transport: 'websocket' },
      history: [],
      informational: [],
    });
    const { timings } = hip;
    expect(timings.startedAtMs).toBeGreaterThanOrEqual(startedAtMs);
    expect(timings.sessionMs).toBeGreaterThan(0);
    expect(timings.totalMs).toBeGreaterThanOrEqual(timings.sessionMs);
    expect(timings.startedAtMs + timings.totalMs).toBeLessThanOrEqual(performance.now());
  });

  it('makes the best of a gateway that tells nothing', async () => {
    const { http } = await connected({ exchange: (exchange) => exchange.answer() });
    const { hip } = await http.fetch(`${ORIGIN}/`);
    expect(hip).toMatchObject({
      timings: { queueMs: 0, resolveMs: 0, connectMs: 0, tlsMs: 0, sendMs: undefined, waitMs: 0 },
      connection: { id: 0, reused: false },
      httpVersion: '',
      tls: undefined,
    });
  });

  it('is the same each time, and of a clone', async () => {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/`);
    const exchange = await gateway.exchange();
    exchange.sendHead(200, [], { connectionId: 3 });
    const response = await pending;
    const clone = response.clone();
    expect(clone.hip).toBe(response.hip);
    expect(clone.clone().hip.connection.id).toBe(3);
    exchange.end(['x-checksum', 'abc']);
    await Promise.all([clone.text(), response.text()]);
    expect((await clone.hip.trailers).get('x-checksum')).toBe('abc');
  });

  it('has informational responses', async () => {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/`);
    const exchange = await gateway.exchange();
    exchange.sendHead(103, ['link', '</a>', 'link', '</b>']);
    exchange.answer();
    const [hints, ...others] = (await pending).hip.informational;
    expect([hints?.status, hints?.headers.get('link'), others]).toEqual([103, '</a>, </b>', []]);
  });

  it('has where redirects led, without user names and fragments', async () => {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/first#a`, { method: 'POST', body: 'x' });
    (await gateway.exchange()).answer(302, ['location', 'second#b']);
    (await gateway.exchange()).answer(200);
    const response = await pending;
    expect(response.url).toBe(`${ORIGIN}/second`);
    const entry = { method: 'POST', url: `${ORIGIN}/first`, error: undefined };
    expect(response.hip.history).toEqual([{ ...entry, status: 302, redirectLocation: 'second#b' }]);
  });
});

describe('response.hip.trailers', () => {
  /** A response at its head, and the gateway's end of it. */
  async function begun() {
    const { gateway, http } = await connected();
    const pending = http.fetch(`${ORIGIN}/`);
    const exchange = await gateway.exchange();
    exchange.sendHead();
    exchange.sendContent('text');
    return { exchange, response: await pending };
  }

  it('come with the end of the content', async () => {
    const { exchange, response } = await begun();
    const { trailers } = response.hip;
    let isThere = false;
    void trailers.then(() => {
      isThere = true;
    });
    await turns();
    expect(isThere).toBe(false);
    exchange.end(['x-a', '1', 'x-a', '2']);
    expect(Object.fromEntries(await trailers)).toEqual({ 'x-a': '1, 2' });
    expect(await response.text()).toBe('text');
  });

  it('may be asked for when all is over', async () => {
    const { exchange, response } = await begun();
    exchange.end(['x-a', '1']);
    await response.text();
    expect((await response.hip.trailers).get('x-a')).toBe('1');
  });

  it('are none of a response without any', async () => {
    const { http } = await connected({ exchange: (exchange) => exchange.answer(204) });
    expect([...(await (await http.fetch(`${ORIGIN}/`)).hip.trailers)]).toEqual([]);
  });

  it('reject as reading does when the content breaks off', async () => {
    const { exchange, response } = await begun();
    const { trailers } = response.hip;
    exchange.reset('http_response_incomplete');
    const error = (await rejection(trailers)) as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ code: 'http_response_incomplete' });
    expect((await rejection(response.text())) as TypeError).toMatchObject({ cause: error.cause });
  });

  it('reject when the content is given up, and harm nobody who did not ask', async () => {
    const { response } = await begun();
    const { trailers } = response.hip;
    await response.body?.cancel();
    expect((await rejection(trailers)) as TypeError).toMatchObject({ cause: { code: 'cancelled' } });
    const other = await begun();
    void other.response.hip;
    await other.response.body?.cancel();
    await turns();
  });
});

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Lookup } from '../../src/connect/resolve.ts';
import { closedPort } from '../support/origins.ts';
import { connectProxy, proxyServer, scriptedPeer, tlsOrigin } from '../support/proxy-peers.ts';
import { closed, connect, exchange, failureOf, TRUSTING, untouchedOrigin } from '../support/route-peers.ts';
import { stoppedListener } from '../support/stopped-listener.ts';

describe('a tunnel', () => {
  test.each([false, true])('with TLS to the origin in it; TLS to the proxy: %s', async (isTls) => {
    const origin = await tlsOrigin('hello');
    const proxy = await connectProxy(origin.port, { isTls });
    const opened = await connect({
      target: { scheme: 'https', port: 443 },
      route: {
        tls: TRUSTING,
        proxy: proxyServer({ scheme: isTls ? 'https' : 'http', host: 'localhost', port: proxy.port }),
      },
    });
    expect(await exchange(opened)).toBe('hello');
    expect(proxy.heads).toEqual(['CONNECT origin.example:443 HTTP/1.1\r\nhost: origin.example:443\r\n\r\n']);
    expect(origin.serverNames).toEqual(['origin.example']);
    expect(opened.info).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: proxy.port });
    expect(opened.info.tls?.version).toBe('TLSv1.3');
  });

  test('keeps what arrives right behind the answer', async () => {
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.head();
      socket.write('HTTP/1.1 200 OK\r\n\r\nEARLY');
    });
    const { socket } = await connect({ route: { proxy: proxyServer({ port: proxy.port }) } });
    expect(socket.read()?.toString()).toBe('EARLY');
    socket.write('more');
    proxy.sockets[0]?.write('LATER');
    await once(socket, 'readable');
    expect(socket.read()?.toString()).toBe('LATER');
  });

  test('hands bytes that come before TLS to TLS, which refuses them', async () => {
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.head();
      socket.write('HTTP/1.1 200 OK\r\n\r\nEARLY BYTES THAT ARE NO TLS');
    });
    expect(
      await failureOf({
        target: { scheme: 'https', port: 443 },
        route: { tls: TRUSTING, proxy: proxyServer({ port: proxy.port }) },
      }),
    ).toMatchObject({ name: 'tls_protocol_error' });
  });

  test('leaves nothing attached to the socket', async () => {
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.head();
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
    });
    const { socket } = await connect({ route: { proxy: proxyServer({ port: proxy.port }) } });
    for (const event of ['readable', 'data', 'close', 'end']) {
      // Node's own listener for the end of a half-open socket.
      expect([event, socket.listenerCount(event)]).toEqual([event, event === 'end' ? 1 : 0]);
    }
  });

  test("an origin's TLS failure in it is the origin's", async () => {
    const origin = await tlsOrigin('hello');
    const proxy = await connectProxy(origin.port);
    expect(
      await failureOf({
        target: { scheme: 'https', port: 443, host: 'other.example' },
        route: { tls: TRUSTING, proxy: proxyServer({ port: proxy.port }) },
      }),
    ).toMatchObject({ name: 'tls_certificate_error', detail: expect.stringContaining('other.example:443') });
  });
});

describe('an HTTP proxy that fails', () => {
  test.each([
    [
      'refuses the tunnel',
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      {
        name: 'proxy_tunnel_refused',
        detail: expect.stringContaining('407 Proxy Authentication Required (proxy.example:'),
      },
    ],
    [
      'closes without an answer',
      '',
      {
        name: 'proxy_tunnel_refused',
        detail: expect.stringContaining('closed the connection before its answer'),
      },
    ],
    [
      'closes inside the answer',
      'HTTP/1.1 200 OK\r\nx: y\r\n',
      {
        name: 'proxy_tunnel_refused',
        detail: expect.stringContaining('closed the connection before its answer'),
      },
    ],
    [
      'speaks something else',
      'SSH-2.0-OpenSSH_9.2\r\n',
      { name: 'proxy_tunnel_refused', detail: expect.stringContaining('is not HTTP') },
    ],
    [
      'never ends its answer',
      `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`,
      { name: 'proxy_response_too_large', detail: expect.stringContaining('sent more than 65536 bytes') },
    ],
  ])('it %s', async (_name, reply, failure) => {
    const origin = await untouchedOrigin();
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.head();
      socket.end(reply);
    });
    expect(
      await failureOf({
        target: { port: origin.port },
        route: { proxy: proxyServer({ port: proxy.port }) },
      }),
    ).toEqual(failure);
    await closed(proxy.sockets[0]);
  });

  test('it resets the connection', async () => {
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.head();
      socket.resetAndDestroy();
    });
    expect(await failureOf({ route: { proxy: proxyServer({ port: proxy.port }) } })).toEqual({
      name: 'proxy_tunnel_refused',
      detail: `proxy.example:${proxy.port} closed the connection before its answer to CONNECT was complete (ECONNRESET)`,
    });
  });

  test('it is not there', async () => {
    const origin = await untouchedOrigin();
    const port = await closedPort();
    expect(
      await failureOf({ target: { port: origin.port }, route: { proxy: proxyServer({ port }) } }),
    ).toEqual({ name: 'proxy_connection_failed', detail: `proxy.example:${port} (ECONNREFUSED)` });
  });

  test('its name has no address, and the name of the origin is not looked up', async () => {
    const asked: string[] = [];
    const lookup: Lookup = async (host) => {
      asked.push(host);
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
    };
    expect(await failureOf({ lookup, route: { proxy: proxyServer({ port: 3128 }) } })).toEqual({
      name: 'proxy_connection_failed',
      detail: 'proxy.example:3128 (ENOTFOUND)',
    });
    expect(asked).toEqual(['proxy.example']);
  });

  test.each([
    ['the TCP handshake', () => stoppedListener('127.0.0.1')],
    [
      'the answer',
      () =>
        scriptedPeer(async (socket, reader) => void socket.write((await reader.head()) && 'HTTP/1.1 200')),
    ],
  ])('it is too slow with %s', async (_name, start) => {
    const { port } = await start();
    expect(await failureOf({ timeoutMs: 60, route: { proxy: proxyServer({ port }) } })).toEqual({
      name: 'proxy_connection_timeout',
      detail: `proxy.example:${port} (connect timeout=60 ms)`,
    });
  });

  test('the origin is too slow with TLS, inside the tunnel', async () => {
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.head();
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
    });
    expect(
      await failureOf({
        timeoutMs: 60,
        target: { scheme: 'https', port: 443 },
        route: { tls: TRUSTING, proxy: proxyServer({ port: proxy.port }) },
      }),
    ).toEqual({
      name: 'connection_timeout',
      detail: `origin.example:443 through proxy.example:${proxy.port} (connect timeout=60 ms)`,
    });
    await closed(proxy.sockets[0]);
  });

  test('it speaks no TLS', async () => {
    const proxy = await scriptedPeer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    const failure = await failureOf({ route: { proxy: proxyServer({ scheme: 'https', port: proxy.port }) } });
    expect(failure.name).toBe('proxy_tls_error');
    expect(failure.detail).toContain(`proxy.example:${proxy.port}`);
    expect(failure.detail).toContain(
      'Your proxy appears to only use HTTP and not HTTPS, try changing your proxy URL to be HTTP',
    );
  });

  test('the options for TLS with it cannot be used', async () => {
    const proxy = await connectProxy(1, { isTls: true });
    const settings = { scheme: 'https', port: proxy.port, tls: { caCerts: 'garbage' } };
    expect(await failureOf({ route: { proxy: proxyServer(settings) } })).toEqual({
      name: 'tls_configuration_error',
      detail: expect.stringMatching(/^for the proxy proxy\.example:\d+: caCerts: /),
    });
  });

  test('its certificate is for another name', async () => {
    const proxy = await connectProxy(1, { isTls: true });
    const failure = await failureOf({ route: { proxy: proxyServer({ scheme: 'https', port: proxy.port }) } });
    expect(failure.name).toBe('proxy_tls_error');
    expect(failure.detail).toContain(`proxy.example:${proxy.port}`);
    expect(failure.detail).not.toContain('Your proxy appears');
    expect(proxy.heads).toEqual([]);
  });
});

describe('a target that is a proxy, to which requests are forwarded', () => {
  test('tells its failures as those of a proxy', async () => {
    const port = await closedPort();
    const target = { host: 'proxy.example', port };
    const route = { isTargetProxy: true };
    expect(await failureOf({ target, route })).toEqual({
      name: 'proxy_connection_failed',
      detail: `proxy.example:${port} (ECONNREFUSED)`,
    });
    const silent = await stoppedListener('127.0.0.1');
    expect(await failureOf({ timeoutMs: 60, target: { ...target, port: silent.port }, route })).toEqual({
      name: 'proxy_connection_timeout',
      detail: `proxy.example:${silent.port} (connect timeout=60 ms)`,
    });
    const plain = await scriptedPeer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect(
      (await failureOf({ target: { scheme: 'https', host: 'proxy.example', port: plain.port }, route })).name,
    ).toBe('proxy_tls_error');
  });

  test('tells TLS with it', async () => {
    const proxy = await tlsOrigin('');
    const { info } = await connect({
      target: { scheme: 'https', host: 'localhost', port: proxy.port },
      route: { tls: TRUSTING, isTargetProxy: true },
    });
    expect(info.tls).toMatchObject({ version: 'TLSv1.3', isVerified: true });
  });
});

import { describe, expect, test } from 'vitest';
import { createRouteConnector } from '../../src/connect/route-connector.ts';
import type { OriginConnection } from '../../src/pool/origin-connection.ts';
import type { UndiciConnectionOptions } from '../../src/pool/undici-connection.ts';
import { closedPort, httpOrigin, onRequestHead, rawOrigin } from '../support/origins.ts';
import { connectProxy, join, proxyServer, scriptedPeer, tlsOrigin } from '../support/proxy-peers.ts';
import { connectionTo, roundTrip } from '../support/recorder.ts';
import { DIRECT, poolSettings } from '../support/settings.ts';
import { TEST_CERTIFICATE } from '../support/tls-fixture.ts';

const { tls } = poolSettings({ tls: { caCerts: TEST_CERTIFICATE } });

const connector = createRouteConnector({
  lookup: async () => ['127.0.0.1'],
});

/** A connection whose target is a proxy. */
function forwardingTo(port: number): OriginConnection {
  return connectionTo(port, {
    target: { scheme: 'http', host: 'proxy.example', port },
    route: { ...DIRECT, isTargetProxy: true },
    connector,
  });
}

function throughProxy(
  proxy: ReturnType<typeof proxyServer>,
  target: Partial<UndiciConnectionOptions['target']> = {},
): OriginConnection {
  return connectionTo(80, {
    target: { scheme: 'http', host: 'origin.example', port: 80, ...target },
    route: { ...DIRECT, tls, proxy },
    connector,
  });
}

describe('forwarding', () => {
  test('byte for byte, over one connection for several origins', async () => {
    const heads: string[] = [];
    const proxy = await rawOrigin((socket) => {
      onRequestHead(socket, (head) => {
        heads.push(head);
        socket.write('HTTP/1.1 200 OK\r\nvia: 1.1 squid\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    const connection = forwardingTo(proxy.port);
    const proxyFields = ['proxy-authorization', 'Basic eA==', 'x-proxy', 'caf\xe9'];
    const first = await roundTrip(connection, {
      path: 'http://origin.example/a?b=c',
      fields: ['user-agent', 'me', 'proxy-authorization', 'Basic mine', 'te', 'trailers'],
      proxyFields,
    });
    const second = await roundTrip(connection, {
      method: 'OPTIONS',
      path: 'https://other.example:8443',
      authority: 'other.example:8443',
      fields: ['accept', 'text/plain'],
      proxyFields: [],
    });
    expect(heads).toEqual([
      'GET http://origin.example/a?b=c HTTP/1.1\r\nhost: origin.example\r\nconnection: keep-alive\r\n' +
        'user-agent: me\r\naccept: */*\r\nproxy-authorization: Basic eA==\r\nx-proxy: caf\xe9\r\n',
      'OPTIONS https://other.example:8443 HTTP/1.1\r\nhost: other.example:8443\r\nconnection: keep-alive\r\n' +
        'accept: text/plain\r\n',
    ]);
    expect(proxy.sockets).toHaveLength(1);
    expect([first.status, first.text, first.reused]).toEqual([200, 'ok', false]);
    expect(second.reused).toBe(true);
  });

  test('a body goes along', async () => {
    const proxy = await httpOrigin(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      response.end(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
    });
    const { text } = await roundTrip(forwardingTo(proxy.port), {
      method: 'POST',
      path: 'http://origin.example/form',
      fields: ['content-length', '4'],
      proxyFields: [],
      body: Buffer.from('body'),
    });
    expect(text).toBe('POST http://origin.example/form body');
  });

  test('407 is a response like any other', async () => {
    const proxy = await httpOrigin((_request, response) => {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"', 'x-cache': 'none' });
      response.end('log in');
    });
    const connection = forwardingTo(proxy.port);
    const answer = await roundTrip(connection, { path: 'http://origin.example/', proxyFields: [] });
    expect([answer.status, answer.reason, answer.text]).toEqual([
      407,
      'Proxy Authentication Required',
      'log in',
    ]);
    expect(answer.values('x-cache')).toEqual(['none']);
    expect(connection.isConnected).toBe(true);
  });

  test('a proxy that is not there', async () => {
    const port = await closedPort();
    const { failure } = await roundTrip(forwardingTo(port), {
      path: 'http://origin.example/',
      proxyFields: [],
    });
    expect(failure).toEqual({
      name: 'proxy_connection_failed',
      detail: `proxy.example:${port} (ECONNREFUSED)`,
    });
  });
});

describe('through a tunnel', () => {
  test('nothing meant for the proxy reaches the origin, nor the other way round; the tunnel is kept', async () => {
    const heads: string[] = [];
    const origin = await rawOrigin((socket) => {
      onRequestHead(socket, (head) => {
        heads.push(head);
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const proxy = await connectProxy(origin.port);
    // To the engine it is all the same whether TLS is in the tunnel, so that its bytes can be seen here.
    const connection = throughProxy(
      proxyServer({ port: proxy.port, headers: ['proxy-authorization', 'Basic eA=='] }),
    );
    const fields = ['user-agent', 'me', 'cookie', 'secret'];
    await roundTrip(connection, { path: '/a', fields });
    expect((await roundTrip(connection, { path: '/b', fields })).reused).toBe(true);
    expect(proxy.heads).toEqual([
      'CONNECT origin.example:80 HTTP/1.1\r\nhost: origin.example:80\r\nproxy-authorization: Basic eA==\r\n\r\n',
    ]);
    expect(heads).toEqual(
      ['/a', '/b'].map(
        (path) =>
          `GET ${path} HTTP/1.1\r\nhost: origin.example\r\nconnection: keep-alive\r\nuser-agent: me\r\ncookie: secret\r\n`,
      ),
    );
  });

  test.each(['http', 'https'])('TLS with the origin, through an %s proxy', async (scheme) => {
    const origin = await tlsOrigin('hello');
    const proxy = await connectProxy(origin.port, { isTls: scheme === 'https' });
    const connection = throughProxy(proxyServer({ scheme, host: 'localhost', port: proxy.port }), {
      scheme: 'https',
      port: 443,
    });
    const answer = await roundTrip(connection);
    expect([answer.status, answer.text]).toEqual([200, 'hello']);
    expect(answer.info?.tls?.version).toBe('TLSv1.3');
    const closed = new Promise((resolve) => proxy.sockets[0]?.once('close', resolve));
    connection.close();
    await closed;
  });

  test('a tunnel that has dropped is asked for anew', async () => {
    const origin = await httpOrigin((_request, response) => response.end('hello'));
    const proxy = await connectProxy(origin.port);
    const connection = throughProxy(proxyServer({ port: proxy.port }));
    await roundTrip(connection);
    const dropped = new Promise((resolve) => proxy.sockets[0]?.once('close', resolve));
    proxy.sockets[0]?.destroy();
    await dropped;
    const { text, reused } = await roundTrip(connection);
    expect([text, reused, proxy.heads.length]).toEqual(['hello', false, 2]);
  });

  test('a proxy that refuses', async () => {
    const proxy = await connectProxy(1, { reply: 'HTTP/1.1 407 No\r\n\r\n<html>' });
    const { failure } = await roundTrip(throughProxy(proxyServer({ port: proxy.port })));
    expect(failure?.name).toBe('proxy_tunnel_refused');
    expect(failure?.detail).not.toContain('html');
  });
});

describe('through SOCKS', () => {
  test('the origin gets what it would get directly', async () => {
    const heads: string[] = [];
    const origin = await rawOrigin((socket) => {
      onRequestHead(socket, (head) => {
        heads.push(head);
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.bytes(22);
      socket.write(Uint8Array.of(0, 90, 0, 0, 0, 0, 0, 0));
      socket.removeAllListeners('data');
      join(socket, origin.port);
    });
    const connection = throughProxy(proxyServer({ scheme: 'socks4a', port: proxy.port }), {
      host: 'name.example',
    });
    await roundTrip(connection, { path: '/a' });
    await roundTrip(connection, { path: '/b' });
    expect(heads).toEqual(
      ['/a', '/b'].map(
        (path) => `GET ${path} HTTP/1.1\r\nhost: origin.example\r\nconnection: keep-alive\r\n`,
      ),
    );
    expect(proxy.sockets).toHaveLength(1);
  });

  test('an origin that speaks before it is asked is refused', async () => {
    const proxy = await scriptedPeer(async (socket, reader) => {
      await reader.bytes(3);
      socket.write(Uint8Array.of(5, 0));
      await reader.bytes(21);
      socket.write(
        Buffer.concat([Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0), Buffer.from('SSH-2.0-x\r\n')]),
      );
    });
    const { failure } = await roundTrip(throughProxy(proxyServer({ scheme: 'socks5h', port: proxy.port })));
    expect(failure).toEqual({
      name: 'http_protocol_error',
      detail: 'origin.example:80 (it spoke before it was asked)',
    });
    expect(proxy.sockets).toHaveLength(1);
  });
});

import {
  EgressDeniedError,
  InvalidRequestError,
  type PoolManager,
  ProxyError,
  SSLError,
  type WebSocketInit,
} from '@hip/client';
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  describeWith,
  newClient,
  newGateway,
  newRawProxy,
  newSocks,
  newSquid,
  newWebSocketOrigin,
  test as plainTest,
  unusedAddress,
} from '../support/fixtures.ts';
import { WebSocketOrigin } from '../support/peers/handles.ts';
import { throughProxy, throughSocks } from '../support/proxy-clients.ts';
import { opened, refusal } from '../support/socket-events.ts';

// Where WebSockets go, and by which way: as requests do, and no other way round.

const describePki = await describeWith('openssl');
const describeSocks = await describeWith('microsocks', 'openssl');
const describeSquid = await describeWith('squid', 'openssl');

const test = plainTest
  .extend('peer', { scope: 'file' }, async ({}, { onCleanup }): Promise<WebSocketOrigin> => {
    const peer = await WebSocketOrigin.start();
    onCleanup(() => peer.stop());
    return peer;
  })
  .extend('secure', { scope: 'file' }, async ({}, { onCleanup }): Promise<WebSocketOrigin> => {
    const peer = await WebSocketOrigin.start({ tls: true });
    onCleanup(() => peer.stop());
    return peer;
  });

test.override('gatewaySetup', { scope: 'file' }, () => ({ allow: ['127.0.0.1:*', 'localhost:*'] }));

/** Sends a text over a WebSocket and gives what comes back. */
async function echoed(http: PoolManager, url: string, init: WebSocketInit = {}): Promise<unknown> {
  const socket = new http.WebSocket(url, init);
  const events = await opened(socket);
  socket.send('hello');
  const back = await events.message();
  socket.close();
  await events.expect('close');
  return back;
}

describePki('over TLS', () => {
  test('the origin is verified as the manager says, or the socket', async ({
    http,
    secure,
    pki,
    gateway,
  }) => {
    expect(await refusal(new http.WebSocket(secure.url()))).toBeInstanceOf(SSLError);
    const caCerts = pki.root.certificate;
    expect(await echoed(http, secure.url(), { caCerts })).toBe('hello');
    const trusting = newClient(gateway, { caCerts });
    expect(await echoed(trusting, secure.url())).toBe('hello');
    const other = new trusting.WebSocket(secure.url(), { caCerts: pki.otherRoot.certificate });
    expect(await refusal(other)).toMatchObject({ code: 'tls_certificate_error' });
    expect(
      await refusal(new trusting.WebSocket(secure.url(), { assertFingerprint: 'aa'.repeat(32) })),
    ).toBeInstanceOf(SSLError);
  });

  test('a client certificate is shown', async ({ gateway, pki }) => {
    const origin = await newWebSocketOrigin({ tls: true, clientCertificates: true });
    const { alice, bob, mallory } = pki.clients;
    const http = newClient(gateway, {
      caCerts: pki.root.certificate,
      certFile: alice.chain,
      keyFile: alice.encryptedKey,
      keyPassword: pki.password,
    });
    expect(await echoed(http, origin.url('/echo?1'))).toBe('hello');
    const asBob = { certFile: bob.chain, keyFile: bob.key, keyPassword: null };
    expect(await echoed(http, origin.url('/echo?2'), asBob)).toBe('hello');
    expect((await origin.log()).map(({ clientName }) => clientName)).toEqual(['alice', 'bob']);
    const asMallory = { certFile: mallory.chain, keyFile: mallory.key, keyPassword: null };
    for (const init of [{ certFile: null, keyFile: null, keyPassword: null }, asMallory]) {
      const error = await refusal(new http.WebSocket(origin.url(), init));
      expect(['SSLError', 'ProtocolError']).toContain((error as Error).name);
    }
    expect(await origin.log()).toHaveLength(2);
  });

  test('a server of another protocol is none', async ({ http, secure, peer }) => {
    expect(await refusal(new http.WebSocket(peer.url().replace('ws:', 'wss:')))).toBeInstanceOf(SSLError);
    expect((await refusal(new http.WebSocket(secure.url().replace('wss:', 'ws:')))) as Error).toMatchObject({
      name: 'ProtocolError',
    });
  });
});

describeSocks('through a SOCKS proxy', () => {
  test('ws: and wss:', async ({ gateway, peer, secure, pki }) => {
    const socks = await newSocks({
      server: 'microsocks',
      credentials: { username: 'anna', password: 'secret' },
    });
    const http = throughSocks(gateway, socks.url('socks5h'), {
      username: 'anna',
      password: 'secret',
      caCerts: pki.root.certificate,
    });
    expect(await echoed(http, peer.url('/echo', 'localhost'))).toBe('hello');
    expect(await echoed(http, secure.url('/echo', 'localhost'))).toBe('hello');
    await eventually(async () =>
      expect((await socks.log()).connects).toEqual([
        { host: 'localhost', port: peer.port },
        { host: 'localhost', port: secure.port },
      ]),
    );
    const { host } = await unusedAddress();
    expect(await refusal(new http.WebSocket(`ws://${host}/`))).toMatchObject({ code: 'socks_error' });
  });
});

describeSquid('through an HTTP proxy', () => {
  test('ws: and wss: by CONNECT', async ({ gateway, peer, secure, pki }) => {
    const squid = await newSquid({ users: { user: 'password' } });
    const proxyHeaders = { 'proxy-authorization': `Basic ${btoa('user:password')}` };
    const http = throughProxy(gateway, squid.url, { proxyHeaders, caCerts: pki.root.certificate });
    expect(await echoed(http, peer.url())).toBe('hello');
    expect(await echoed(http, secure.url('/echo', 'localhost'))).toBe('hello');
    expect((await squid.requests()).map(({ method, target }) => `${method} ${target}`)).toEqual([
      `CONNECT 127.0.0.1:${peer.port}`,
      `CONNECT localhost:${secure.port}`,
    ]);
    const anonymous = throughProxy(gateway, squid.url);
    expect(await refusal(new anonymous.WebSocket(peer.url()))).toBeInstanceOf(ProxyError);
  });

  test('of one socket alone', async ({ http, peer }) => {
    const squid = await newSquid();
    expect(await echoed(http, peer.url(), { proxy: squid.url })).toBe('hello');
    expect(await squid.requests()).toHaveLength(1);
    expect(await echoed(http, peer.url())).toBe('hello');
    expect(await squid.requests()).toHaveLength(1);
  });

  test('over TLS with the proxy', async ({ gateway, secure, pki }) => {
    const squid = await newSquid({ tls: { identity: pki.servers.good } });
    const caCerts = pki.root.certificate;
    const http = throughProxy(gateway, squid.tlsUrl(), { caCerts, proxyTls: { caCerts } });
    expect(await echoed(http, secure.url('/echo', 'localhost'))).toBe('hello');
    // What cannot be honoured is refused: a proxy cannot do TLS for a WebSocket.
    const forwarding = throughProxy(gateway, squid.tlsUrl(), {
      useForwardingForHttps: true,
      caCerts,
      proxyTls: { caCerts },
    });
    expect(await refusal(new forwarding.WebSocket(secure.url()))).toBeInstanceOf(InvalidRequestError);
  });

  test('that fails: nothing goes past it', async ({ gateway, peer }) => {
    const before = (await peer.log()).length;
    const { url } = await unusedAddress();
    expect(await refusal(new (throughProxy(gateway, url).WebSocket)(peer.url()))).toBeInstanceOf(ProxyError);
    const refusing = await newRawProxy([
      { read: 'head' },
      { write: 'HTTP/1.1 403 Forbidden\r\n\r\n' },
      { end: 'close' },
    ]);
    const http = throughProxy(gateway, refusing.url('http'));
    expect(await refusal(new http.WebSocket(peer.url()))).toMatchObject({ code: 'proxy_tunnel_refused' });
    expect((await peer.log()).length).toBe(before);
  });
});

test('the policy of the gateway holds', async ({ peer }) => {
  const http = newClient(await newGateway({}));
  const before = (await peer.log()).length;
  for (const url of [
    peer.url(),
    `ws://localhost:${peer.port}/`,
    'ws://[::1]/',
    'wss://10.0.0.1/',
    'ws://169.254.169.254/',
  ]) {
    expect(await refusal(new http.WebSocket(url)), url).toBeInstanceOf(EgressDeniedError);
  }
  expect((await peer.log()).length).toBe(before);
});

test('an answer that is no handshake is refused', async ({ http }) => {
  const proof = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
  const answers: [answer: string, code: string, message: RegExp][] = [
    [
      'HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
      'http_upgrade_failed',
      /accept is wrong/,
    ],
    [
      `HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`,
      'http_upgrade_failed',
      /accept is wrong/,
    ],
    [
      'HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n',
      'http_upgrade_failed',
      /another protocol/,
    ],
    [
      'HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n',
      'http_upgrade_failed',
      /it answered 101 X/,
    ],
    ['SSH-2.0-OpenSSH\r\n', 'http_protocol_error', /127/],
    [`HTTP/1.1 101 X\r\nA: ${'a'.repeat(70_000)}\r\n\r\n`, 'response_head_too_large', /127/],
    ['', 'connection_terminated', /127/],
  ];
  for (const [answer, code, message] of answers) {
    const origin = await newRawProxy([{ read: 'head' }, { write: answer }, { end: 'close' }]);
    const error = await refusal(new http.WebSocket(origin.url('ws')));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  }
});

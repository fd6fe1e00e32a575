import { InvalidRequestError, makeHeaders, ProxyError, SSLError } from '@hip/client';
import { expect } from 'vitest';
import { contentBytes, sha256 } from '../support/content.ts';
import { eventually, rejection } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { fieldsOf } from '../support/fields.ts';
import {
  describeWith,
  LOOPBACK,
  newClient,
  newOrigin,
  newRawProxy,
  newSquid,
  newTlsOrigin,
  test as plainTest,
} from '../support/fixtures.ts';
import { Squid, TlsOrigin } from '../support/peers/handles.ts';
import type { ProxyRequest } from '../support/peers/peer-api.ts';
import { throughProxy } from '../support/proxy-clients.ts';

const describeSquid = await describeWith('squid', 'openssl');

/** Only squid knows this name's address. */
const NAME = 'origin.test';

/** With servers that the tests of this file share. */
const test = plainTest
  .extend('secureOrigin', { scope: 'file' }, async ({}, { onCleanup }): Promise<TlsOrigin> => {
    const secureOrigin = await TlsOrigin.start();
    onCleanup(() => secureOrigin.stop());
    return secureOrigin;
  })
  .extend('squid', { scope: 'file' }, async ({ pki }, { onCleanup }): Promise<Squid> => {
    const squid = await Squid.start({
      tls: { identity: pki.servers.second },
      hosts: { [NAME]: '127.0.0.1' },
    });
    onCleanup(() => squid.stop());
    return squid;
  })
  .extend('trust', { scope: 'file' }, ({ pki }): { caCerts: string } => ({ caCerts: pki.root.certificate }));

test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  allow: ['127.0.0.1:*', 'localhost:*', `${NAME}:*`],
}));

const BOTH = ['http', 'https'] as const;

/** The URL of a squid's port without or with TLS. */
function urlOf(squid: Squid, scheme: 'http' | 'https'): string {
  return scheme === 'https' ? squid.tlsUrl() : squid.url;
}

async function requestsFor(squid: Squid, target: string): Promise<ProxyRequest[]> {
  return (await squid.requests()).filter((request) => request.target === target);
}

describeSquid('an http: origin', () => {
  test.for(BOTH)(
    'is asked by an %s: proxy, which resolves its name',
    async (scheme, { gateway, squid, origin, trust }) => {
      const http = throughProxy(gateway, urlOf(squid, scheme), {
        ...trust,
        proxyHeaders: { 'X-For-Proxy': 'caf\u00e9' },
      });
      const url = `http://${NAME}:${origin.port}/echo?a=b`;
      const response = await http.request('POST', url, { headers: { 'X-Own': 'yes' }, body: 'content' });
      const echo = (await response.json()) as { target: string; body: string; rawHeaders: string[] };
      expect([response.status, echo.target, echo.body]).toEqual([200, '/echo?a=b', 'content']);
      const fields = fieldsOf(echo.rawHeaders);
      expect(fields.get('via')).toContain('squid.test');
      expect(fields.get('host')).toBe(`${NAME}:${origin.port}`);
      const [request] = await requestsFor(squid, url);
      expect(request).toMatchObject({ method: 'POST', httpVersion: '1.1', isTls: scheme === 'https' });
      const received = fieldsOf(request?.rawHeaders ?? []);
      expect(received.get('x-for-proxy')).toBe('caf\u00e9');
      expect(received.get('x-own')).toBe('yes');
      expect(received.get('accept')).toBe('*/*');
    },
  );

  test('shares one connection to the proxy with all others', async ({ gateway, squid, origin }) => {
    const http = throughProxy(gateway, squid.url);
    const urls = [origin, await newOrigin(), await newOrigin()].map((each) => each.url('/hello'));
    for (const url of [...urls, ...urls]) expect((await http.request('GET', url)).status).toBe(200);
    const received = (await squid.requests()).filter(({ target }) => urls.includes(target));
    expect(received.map(({ target }) => target)).toEqual([...urls, ...urls]);
    expect(new Set(received.map(({ connection }) => connection)).size).toBe(1);
  });

  test('is asked for a whole large body, also with fetch()', async ({ gateway, squid, origin, trust }) => {
    const http = throughProxy(gateway, squid.tlsUrl(), trust);
    const response = await http.fetch(origin.url('/bytes/3000000'));
    expect(await sha256(new Uint8Array(await response.arrayBuffer()))).toBe(
      await sha256(contentBytes(3_000_000)),
    );
  });
});

describeSquid('an https: origin', () => {
  test.for(BOTH)(
    'is behind a tunnel through an %s: proxy, which sees nothing of the requests',
    async (scheme, { gateway, squid, trust }) => {
      const origin = await newTlsOrigin();
      const http = throughProxy(gateway, urlOf(squid, scheme), {
        ...trust,
        proxyHeaders: { 'X-For-Proxy': 'yes' },
      });
      const url = origin.url('/echo', NAME);
      for (const body of ['one', 'two', 'three']) {
        const headers = { 'User-Agent': 'mine', Cookie: 'a=b' };
        const response = await http.request('POST', url, { headers, body });
        const echo = (await response.json()) as { body: string; rawHeaders: string[] };
        expect(echo.body).toBe(body);
        const fields = fieldsOf(echo.rawHeaders);
        expect([fields.get('user-agent'), fields.get('cookie')]).toEqual(['mine', 'a=b']);
        expect([...fields.keys()].filter((name) => name === 'via' || name.startsWith('x-'))).toEqual([]);
        expect(response.tls).toMatchObject({ version: 'TLSv1.3', verified: true });
      }
      const target = `${NAME}:${origin.port}`;
      // One tunnel for all of them.
      expect(await requestsFor(squid, target)).toEqual([
        {
          connection: expect.any(Number),
          isTls: scheme === 'https',
          method: 'CONNECT',
          target,
          httpVersion: '1.1',
          rawHeaders: ['host', target, 'x-for-proxy', 'yes'],
        },
      ]);
      expect(await origin.counts()).toMatchObject({ tcpConnections: 1, handshakes: 1 });
      expect((await origin.requests())[0]?.tls.serverName).toBe(NAME);
    },
  );

  test.for(BOTH)(
    'sends a large body through an %s: proxy',
    async (scheme, { gateway, squid, secureOrigin, trust }) => {
      const http = throughProxy(gateway, urlOf(squid, scheme), trust);
      const { data } = await http.request('GET', secureOrigin.url('/bytes/3000000'));
      expect(await sha256(data.slice())).toBe(await sha256(contentBytes(3_000_000)));
    },
  );

  test('that closed its tunnel while it was idle gets another', async ({ gateway, squid, trust }) => {
    const origin = await newTlsOrigin();
    const http = throughProxy(gateway, squid.url, trust);
    await http.request('GET', origin.url('/hello'));
    await origin.closeIdle();
    await eventually(async () => expect((await origin.counts()).connectionsOpen).toBe(0));
    expect((await http.request('POST', origin.url('/echo'), { body: 'once' })).status).toBe(200);
    expect(await origin.requests('/echo')).toHaveLength(1);
    expect(await requestsFor(squid, `127.0.0.1:${origin.port}`)).toHaveLength(2);
  });

  test('with a bad certificate is the one to blame, not the proxy', async ({
    gateway,
    squid,
    pki,
    trust,
  }) => {
    const origin = await newTlsOrigin({ identity: pki.servers.expired });
    const http = throughProxy(gateway, squid.tlsUrl(), trust);
    await expectFailure(http, origin.url('/hello'), SSLError, new RegExp(`127\\.0\\.0\\.1:${origin.port}`));
  });

  test('gets the client certificate, and the proxy another one', async ({ gateway, pki, trust }) => {
    const { alice, bob } = pki.clients;
    const origin = await newTlsOrigin({ clientCertificates: 'required' });
    const squid = await newSquid({ tls: { identity: pki.servers.good, clientCa: pki.root.certificate } });
    const toOrigin = { certFile: alice.chain, keyFile: alice.key };
    const without = throughProxy(gateway, squid.tlsUrl(), { ...trust, ...toOrigin });
    await expectFailure(
      without,
      origin.url('/hello'),
      ProxyError,
      new RegExp(`127\\.0\\.0\\.1:${squid.tlsPort}`),
    );
    const http = throughProxy(gateway, squid.tlsUrl(), {
      ...trust,
      ...toOrigin,
      proxyTls: { ...trust, certFile: bob.chain, keyFile: bob.key },
    });
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    expect((await origin.requests()).map(({ tls }) => tls.clientName)).toEqual(['alice']);
  });
});

describeSquid('useForwardingForHttps', () => {
  test('an https: proxy gets the request as it is, and its own fields', async ({ gateway, pki, trust }) => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const proxy = await newRawProxy([
      { tls: pki.servers.good },
      { read: 'head' },
      { write: answer },
      { read: 'head' },
      { write: answer },
    ]);
    const http = throughProxy(gateway, proxy.url('https'), {
      ...trust,
      useForwardingForHttps: true,
      proxyHeaders: { 'X-For-Proxy': 'yes' },
    });
    const first = await http.request('GET', 'https://origin.test/a?b', { headers: { 'X-Own': '1' } });
    expect([first.status, await first.text()]).toEqual([200, 'ok']);
    await http.request('GET', 'http://other.example/c', { headers: { accept: 'text/plain' } });
    const [connection, ...others] = await proxy.connections();
    expect(others).toEqual([]);
    const [one, two] = connection?.received.split('\r\n\r\n') ?? [];
    expect(one?.split('\r\n')).toEqual([
      'GET https://origin.test/a?b HTTP/1.1',
      'host: origin.test',
      'connection: keep-alive',
      'x-own: 1',
      expect.stringMatching(/^user-agent: hip/),
      'accept-encoding: identity',
      'accept: */*',
      'x-for-proxy: yes',
    ]);
    expect(two?.split('\r\n').slice(0, 2)).toEqual([
      'GET http://other.example/c HTTP/1.1',
      'host: other.example',
    ]);
  });

  test('squid gets it, and an http: proxy is asked for a tunnel all the same', async ({
    gateway,
    squid,
    trust,
    secureOrigin,
  }) => {
    const url = secureOrigin.url('/hello');
    const forwarding = throughProxy(gateway, squid.tlsUrl(), { ...trust, useForwardingForHttps: true });
    // Squid does not trust the origin; what matters is that it is squid that says so.
    const response = await forwarding.request('GET', url);
    expect([response.status, response.headers.get('x-squid-error')]).toEqual([
      503,
      expect.stringContaining('ERR_SECURE_CONNECT_FAIL'),
    ]);
    const tunnelling = throughProxy(gateway, squid.url, { ...trust, useForwardingForHttps: true });
    expect((await tunnelling.request('GET', url)).status).toBe(200);
    expect((await requestsFor(squid, url)).map(({ method, isTls }) => [method, isTls])).toEqual([
      ['GET', true],
    ]);
  });
});

describeSquid('a proxy that asks for a password', () => {
  const users = { anna: 'p:ss w\u00f6rd' };

  test('is given it in proxyHeaders, for both kinds of origin', async ({
    gateway,
    origin,
    secureOrigin,
    trust,
  }) => {
    const squid = await newSquid({ users });
    const proxyHeaders = makeHeaders({
      proxyBasicAuth: 'anna:p:ss w\u00f6rd',
      proxyBasicAuthEncoding: 'utf-8',
    });
    const http = throughProxy(gateway, squid.url, { ...trust, proxyHeaders });
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    expect((await http.request('GET', secureOrigin.url('/hello'))).status).toBe(200);
    const [request] = await origin.requests('/hello');
    expect(fieldsOf(request?.rawHeaders ?? []).has('proxy-authorization')).toBe(false);
  });

  test.for([
    ['none', {}, /407.*proxyHeaders.*makeHeaders/],
    ['a wrong one', { proxyHeaders: makeHeaders({ proxyBasicAuth: 'anna:wrong' }) }, /407.*did not accept/],
  ] as const)(
    'is given %s: 407 is a response, or the reason why there is no tunnel',
    async ([, options, message], { gateway, origin, secureOrigin, trust }) => {
      const squid = await newSquid({ users });
      const http = throughProxy(gateway, squid.url, { ...trust, ...options });
      const before = (await secureOrigin.counts()).tcpConnections;
      const response = await http.request('GET', origin.url('/hello'));
      expect(response.status).toBe(407);
      expect(response.headers.get('x-squid-error')).toContain('ERR_CACHE_ACCESS_DENIED');
      expect(await origin.counts()).toMatchObject({ connectionsOpened: 0 });
      await expectFailure(http, secureOrigin.url('/hello'), ProxyError, message);
      expect((await secureOrigin.counts()).tcpConnections).toBe(before);
    },
  );

  test('takes none from the headers of a request', async ({ gateway, squid, origin }) => {
    const http = throughProxy(gateway, squid.url);
    const headers = makeHeaders({ proxyBasicAuth: 'anna:secret' });
    const error = await rejection(http.request('GET', origin.url('/hello'), { headers }));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(/^header proxy-authorization /);
  });
});

describeSquid('TLS with the proxy', () => {
  test('a proxy that only speaks HTTP, called by https:', async ({
    gateway,
    squid,
    origin,
    secureOrigin,
    trust,
  }) => {
    const http = throughProxy(gateway, squid.url.replace('http:', 'https:'), trust);
    const hint = /Your proxy appears to only use HTTP and not HTTPS, try changing your proxy URL to be HTTP/;
    await expectFailure(http, origin.url('/hello'), ProxyError, hint);
    await expectFailure(http, secureOrigin.url('/hello'), ProxyError, hint);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 0 });
  });

  test('a proxy nobody trusts', async ({ gateway, squid, origin, secureOrigin }) => {
    const http = throughProxy(gateway, squid.tlsUrl());
    const message = new RegExp(`127\\.0\\.0\\.1:${squid.tlsPort}`);
    await expectFailure(http, origin.url('/hello'), ProxyError, message);
    await expectFailure(http, secureOrigin.url('/hello'), ProxyError, message);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 0 });
  });

  test('a proxy with the certificate of another host, unless it is expected', async ({
    gateway,
    pki,
    secureOrigin,
    trust,
  }) => {
    const squid = await newSquid({ tls: { identity: pki.servers.wrongHost } });
    const http = throughProxy(gateway, squid.tlsUrl(), trust);
    await expectFailure(http, secureOrigin.url('/hello'), ProxyError, /other\.test/);
    const expecting = throughProxy(gateway, squid.tlsUrl(), { ...trust, proxyAssertHostname: 'other.test' });
    expect((await expecting.request('GET', secureOrigin.url('/hello'))).status).toBe(200);
    const { sha256: proxyAssertFingerprint } = pki.servers.wrongHost.fingerprints;
    const pinning = throughProxy(gateway, squid.tlsUrl(), { ...trust, proxyAssertFingerprint });
    expect((await pinning.request('GET', secureOrigin.url('/hello'))).status).toBe(200);
  });
});

describeSquid('pools', () => {
  test('with a proxy and without are never shared', async ({ gateway, squid, trust }) => {
    const origin = await newTlsOrigin();
    const http = newClient(gateway, trust);
    const url = origin.url('/hello');
    await http.request('GET', url);
    await http.request('GET', url, { proxy: squid.url });
    await http.request('GET', url, { proxy: squid.url, proxyHeaders: { 'x-for-proxy': '2' } });
    await http.request('GET', url);
    await http.request('GET', url, { proxy: squid.url });
    expect((await origin.requests()).map(({ connection }) => connection)).toEqual([1, 2, 3, 1, 2]);
    expect(await requestsFor(squid, `127.0.0.1:${origin.port}`)).toHaveLength(2);
  });
});

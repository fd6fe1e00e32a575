import { describe, expect, it, onTestFinished } from 'vitest';
import { InvalidRequestError, ProxySchemeUnknown } from '../src/errors.ts';
import { makeHeaders } from '../src/make-headers.ts';
import { HTTPHeaderDict } from '../src/pool/http-header-dict.ts';
import type { RequestInit } from '../src/pool/request-options.ts';
import { ProxyManager, type ProxyManagerOptions, proxyFromUrl } from '../src/proxy-manager.ts';
import type { ProxyTlsOptions } from '../src/proxy-options.ts';
import { connected, rejection, thrown } from './support/client.ts';
import { CANARY, CERTIFICATE, KEY } from './support/credentials.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';
import { ANSWERING, latestSettings } from './support/settings-on-wire.ts';

const URL_TEXT = 'https://origin.test/';
const PROXY = { scheme: 'https', host: 'proxy.test', port: 443 };

async function through(proxy: string | URL, options: ProxyManagerOptions = {}) {
  const gateway = await ScriptedGateway.start(ANSWERING);
  const http = new ProxyManager(proxy, { gateway: gateway.url, ...options });
  onTestFinished(() => http.close());
  const send = async (init?: RequestInit) => {
    await http.request('GET', URL_TEXT, init);
    return latestSettings(gateway);
  };
  return { http, send };
}

describe('ProxyManager', () => {
  it.each([
    ['http://Proxy.Test', 'http://proxy.test/', { scheme: 'http', host: 'proxy.test', port: 80 }],
    [
      'http://proxy.test:3128/',
      'http://proxy.test:3128/',
      { scheme: 'http', host: 'proxy.test', port: 3128 },
    ],
    ['https://proxy.test', 'https://proxy.test/', PROXY],
    [new URL('http://[::1]:3128'), 'http://[::1]:3128/', { scheme: 'http', host: '::1', port: 3128 }],
  ])('of %s goes there', async (url, href, proxy) => {
    const { http, send } = await through(url);
    expect(http.proxy.href).toBe(href);
    expect([...http.proxyHeaders]).toEqual([]);
    expect(await send()).toEqual({ proxy });
  });

  it('tells the proxy its headers', async () => {
    const proxyHeaders = makeHeaders({ proxyBasicAuth: 'user:password', userAgent: 'me' });
    const { http, send } = await through('http://proxy.test', { proxyHeaders, useForwardingForHttps: true });
    expect(http.proxyHeaders).toBeInstanceOf(HTTPHeaderDict);
    expect(http.proxyHeaders.get('Proxy-Authorization')).toBe('Basic dXNlcjpwYXNzd29yZA==');
    expect((await send())?.proxy).toEqual({
      scheme: 'http',
      host: 'proxy.test',
      port: 80,
      headers: ['user-agent', 'me', 'proxy-authorization', 'Basic dXNlcjpwYXNzd29yZA=='],
      useForwardingForHttps: true,
    });
  });

  it('does TLS with the proxy as with origins, without who it is and whom it expects', async () => {
    const shared = {
      certReqs: 'CERT_REQUIRED',
      caCerts: CERTIFICATE,
      sslMinimumVersion: 'TLSv1.2',
      sslMaximumVersion: 'TLSv1.3',
      ciphers: 'ECDHE',
    } as const;
    const own = {
      certFile: CERTIFICATE,
      keyFile: KEY,
      keyPassword: 'secret',
      identity: 'billing',
      serverHostname: 'a.test',
      assertHostname: 'b.test',
      assertFingerprint: 'aa',
      alpnProtocols: ['http/1.1'],
    } as const;
    const { send } = await through('https://proxy.test', { ...shared, ...own });
    expect(await send()).toEqual({ tls: { ...shared, ...own }, proxy: { ...PROXY, tls: shared } });
  });

  it('does TLS with the proxy as proxyTls says, if it is given', async () => {
    const proxyTls: ProxyTlsOptions = { certFile: CERTIFICATE, keyFile: KEY, assertHostname: 'b.test' };
    const { send } = await through('https://proxy.test', { caCerts: CERTIFICATE, proxyTls });
    expect((await send())?.proxy).toEqual({ ...PROXY, tls: proxyTls });
    expect((await send({ proxyTls: {} }))?.proxy).toEqual(PROXY);
    expect((await send({ proxyTls: null }))?.proxy).toEqual({ ...PROXY, tls: { caCerts: CERTIFICATE } });
  });

  it('expects of the proxy what proxyAssertHostname and proxyAssertFingerprint say', async () => {
    const { send } = await through('https://proxy.test', {
      assertHostname: 'origin.test',
      caCerts: CERTIFICATE,
      proxyAssertHostname: false,
      proxyAssertFingerprint: 'bb',
    });
    expect((await send())?.proxy?.tls).toEqual({
      caCerts: CERTIFICATE,
      assertHostname: false,
      assertFingerprint: 'bb',
    });
    const proxyTls = { assertHostname: 'a.test', assertFingerprint: 'aa' };
    expect((await send({ proxyTls }))?.proxy?.tls).toEqual({
      assertHostname: false,
      assertFingerprint: 'bb',
    });
    expect(
      (await send({ proxyTls, proxyAssertHostname: null, proxyAssertFingerprint: null }))?.proxy?.tls,
    ).toEqual(proxyTls);
  });

  it.each([
    ['socks5://proxy.test', ProxySchemeUnknown, /^Proxy URL had unsupported scheme socks5/],
    ['proxy.test:3128', ProxySchemeUnknown, /^Proxy URL had no scheme/],
    [`http://user:${CANARY}@proxy.test`, InvalidRequestError, /give proxyHeaders/],
  ])('refuses %s at once', (url, type, message) => {
    const error = thrown(() => new ProxyManager(url, { gateway: 'ws://gateway.test/' })) as Error;
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(CANARY);
  });

  it.each([
    [{ 'x-a': `${CANARY}\r\nx-b: c` }, 'another value of x-a'],
    [{ 'x-a': `${CANARY}\u0100` }, 'another value of x-a'],
    [{ [`${CANARY} x`]: 'a' }, 'a name that is none'],
    [{ '': CANARY }, 'a name that is none'],
  ])('refuses headers that cannot be sent: %o', (proxyHeaders, got) => {
    const error = thrown(
      () => new ProxyManager('http://proxy.test', { gateway: 'ws://gateway.test/', proxyHeaders }),
    );
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toBe(
      `proxyHeaders must be names and values as HTTP has them, got ${got}`,
    );
  });

  it('is what proxyFromUrl() makes', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    const http = proxyFromUrl('https://proxy.test', { gateway: gateway.url, maxsize: 3 });
    onTestFinished(() => http.close());
    expect(http).toBeInstanceOf(ProxyManager);
    await http.request('GET', URL_TEXT);
    expect(latestSettings(gateway)).toEqual({ proxy: PROXY });
  });
});

describe("a request's proxy", () => {
  it('takes the place of none, of another, or is taken away', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.request('GET', URL_TEXT, { proxy: 'socks5h://user:secret@proxy.test' });
    expect(latestSettings(gateway)?.proxy).toEqual({
      scheme: 'socks5h',
      host: 'proxy.test',
      port: 1080,
      username: 'user',
      password: 'secret',
    });
    const { send } = await through('https://proxy.test');
    expect(await send({ proxy: new URL('http://other.test') })).toEqual({
      proxy: { scheme: 'http', host: 'other.test', port: 80 },
    });
    expect(await send({ proxy: null })).toBeUndefined();
    expect(await send({ proxy: undefined })).toEqual({ proxy: PROXY });
  });

  it('never gets what the manager has for its own', async () => {
    const { http, send } = await through('https://proxy.test', {
      proxyHeaders: { 'proxy-authorization': CANARY },
      proxyAssertFingerprint: 'aa',
      proxyTls: { keyFile: KEY },
      useForwardingForHttps: true,
    });
    expect(await send({ proxy: 'https://other.test' })).toEqual({ proxy: { ...PROXY, host: 'other.test' } });
    expect(await send({ proxy: null })).toBeUndefined();
    const pool = http.connectionFromUrl(URL_TEXT, {
      proxy: 'http://other.test',
      proxyHeaders: { 'x-other': 'yes' },
    });
    await pool.request('GET', '/');
    expect(await send({ proxyHeaders: { 'x-mine': 'yes' } })).toMatchObject({
      proxy: { host: 'proxy.test', headers: ['x-mine', 'yes'], useForwardingForHttps: true },
    });
  });

  it.each([
    [{ proxyHeaders: {} }, 'proxyHeaders needs a proxy'],
    [{ useForwardingForHttps: true }, 'useForwardingForHttps needs a proxy'],
    [{ proxyTls: {} }, 'proxyTls needs a proxy'],
    [{ proxyAssertHostname: 'a' }, 'proxyAssertHostname needs a proxy'],
    [{ proxyAssertFingerprint: 'a' }, 'proxyAssertFingerprint needs a proxy'],
    [{ proxy: 'socks5://p', proxyHeaders: {} }, 'proxyHeaders needs an http: or https: proxy'],
    [{ proxy: 'socks4://p', proxyTls: {} }, 'proxyTls needs an http: or https: proxy'],
    [{ proxy: 'http://p', proxyTls: {} }, 'proxyTls needs an https: proxy'],
    [{ proxy: 'http://p', proxyAssertHostname: false }, 'proxyAssertHostname needs an https: proxy'],
    [{ proxy: 'http://p', proxyAssertFingerprint: 'a' }, 'proxyAssertFingerprint needs an https: proxy'],
    [{ proxy: 7 }, 'proxy must be a URL or null, got number'],
    [
      { proxy: 'https://p', useForwardingForHttps: 1 },
      'useForwardingForHttps must be true or false, got number',
    ],
    [{ proxy: 'https://p', proxyTls: CANARY }, 'proxyTls must be an object, got string'],
    [
      { proxy: 'https://p', proxyTls: { ciphers: 7 } },
      'proxyTls.ciphers must be a text that is not empty, got a number',
    ],
    [
      { proxy: 'https://p', proxyTls: { keyFile: null } },
      /^proxyTls.keyFile must be a private key .*, got object$/,
    ],
    [
      { proxy: 'https://p', proxyTls: { peerCertificates: true } },
      /^proxyTls has no option "peerCertificates"/,
    ],
    [{ proxy: 'https://p', proxyTls: { proxyTls: {} } }, /^proxyTls has no option "proxyTls"/],
    [
      { proxy: 'https://p', proxyAssertHostname: '' },
      'proxyAssertHostname must be a text that is not empty or false, got an empty text',
    ],
    [{ proxy: 'ftp://p' }, /^Proxy URL had unsupported scheme ftp/],
  ])('that cannot be honoured is refused: %o', async (init, message) => {
    const { gateway, http } = await connected(ANSWERING);
    const error = (await rejection(http.request('GET', URL_TEXT, init as unknown as RequestInit))) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(error.message).not.toContain(CANARY);
    expect(gateway.sessions.all).toHaveLength(0);
  });
});

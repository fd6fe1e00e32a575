import type { Failure, ProxySettings, PoolSettings as WireSettings } from '@hip/wire';
import { describe, expect, test } from 'vitest';
import { createSettingsCompiler } from '../../src/pool/compile-settings.ts';
import type { PoolSettings } from '../../src/pool/pool-settings.ts';

const compile = createSettingsCompiler({ identities: new Map(), trust: undefined });

function compiled(proxy: Partial<ProxySettings>, more: Partial<WireSettings> = {}): PoolSettings | Failure {
  return compile(
    {
      maxsize: 1,
      block: false,
      proxy: { scheme: 'http', host: 'proxy.example', port: 3128, ...proxy },
      ...more,
    },
    { identities: [], policy: { key: '' } },
  );
}

function settingsOf(proxy: Partial<ProxySettings>): PoolSettings {
  const settings = compiled(proxy);
  if (!('key' in settings)) expect.unreachable(settings.detail);
  return settings;
}

describe('takes', () => {
  test('an HTTP proxy and its fields', () => {
    const headers = ['proxy-authorization', 'Basic eA==', 'x', '', 'x', 'caf\xe9'];
    expect(settingsOf({ host: 'Proxy.EXAMPLE', headers }).proxy).toEqual({
      scheme: 'http',
      host: 'proxy.example',
      port: 3128,
      headers,
      username: undefined,
      password: undefined,
      tls: expect.anything(),
    });
  });

  test.each([
    [{ scheme: 'socks4' }],
    [{ scheme: 'socks4a', username: 'u' }],
    [{ scheme: 'socks5' }],
    [{ scheme: 'socks5h', username: 'u', password: 'p' }],
    [{ scheme: 'socks5', username: 'ü'.repeat(127), password: 'p'.repeat(255) }],
    [{ scheme: 'socks5', headers: [], tls: {}, useForwardingForHttps: false }],
    [{ scheme: 'https', tls: { certReqs: 'CERT_NONE' } }],
    [{ scheme: 'http', tls: {} }],
    [{ host: '192.0.2.1' }],
    [{ host: '2001:DB8::1' }],
    [{ host: 'a_b.example.' }],
  ])('%j', (proxy) => {
    const { tls, useForwardingForHttps, headers, ...rest } = proxy as ProxySettings;
    expect(settingsOf(proxy).proxy).toMatchObject({
      ...rest,
      ...(rest.host === undefined ? {} : { host: rest.host.toLowerCase() }),
    });
  });

  test('forwarding of https, which only an https proxy can do', () => {
    expect(settingsOf({ scheme: 'https', useForwardingForHttps: true }).useForwardingForHttps).toBe(true);
    expect(settingsOf({ scheme: 'https' }).useForwardingForHttps).toBe(false);
    expect(settingsOf({ scheme: 'http', useForwardingForHttps: true }).useForwardingForHttps).toBe(false);
  });

  test('TLS with the proxy apart from TLS with origins', () => {
    const { tls, proxy } = settingsOf({ scheme: 'https' });
    expect(proxy?.tls).not.toBe(tls);
  });
});

describe('refuses', () => {
  const HOST = 'host must be a name or an address, without brackets and port';
  const CREDENTIALS =
    'username and password are for SOCKS proxies; an HTTP proxy gets them in headers, as Proxy-Authorization';
  const TOGETHER = 'username and password must be given together (RFC 1929)';

  test.each([
    [{ scheme: 'ftp' }, 'scheme must be one of http, https, socks4, socks4a, socks5, socks5h, got ftp'],
    [{ scheme: 'HTTP' }, 'scheme must be one of http, https, socks4, socks4a, socks5, socks5h, got HTTP'],
    [
      { scheme: 'toString' },
      'scheme must be one of http, https, socks4, socks4a, socks5, socks5h, got toString',
    ],
    [{ scheme: 'http://u:p@h' }, 'scheme must be one of http, https, socks4, socks4a, socks5, socks5h'],
    [{ port: 0 }, 'port must be 1 to 65535, got 0'],
    [{ port: 65_536 }, 'port must be 1 to 65535, got 65536'],
    [{ host: '' }, HOST],
    [{ host: 'a:80' }, HOST],
    [{ host: '[::1]' }, HOST],
    [{ host: 'user:pass@proxy' }, HOST],
    [{ host: 'a/b' }, HOST],
    [{ host: 'a\r\nb' }, HOST],
    [{ host: 'fe80::1%eth0' }, HOST],
    [{ host: 'caf\xe9' }, HOST],
    [{ host: 'a'.repeat(256) }, HOST],
    [{ username: 'u' }, CREDENTIALS],
    [{ scheme: 'https', password: 'p' }, CREDENTIALS],
    [
      { scheme: 'socks4', username: 'u', password: 'p' },
      'password must be absent: SOCKS4 has none, only a username',
    ],
    [{ scheme: 'socks4a', username: 'a\0b' }, 'username must not hold NUL, which ends it in SOCKS4'],
    [{ scheme: 'socks5', username: 'u' }, TOGETHER],
    [{ scheme: 'socks5h', password: 'p' }, TOGETHER],
    [
      { scheme: 'socks5', username: '', password: 'p' },
      'username must have 1 to 255 bytes in UTF-8 (RFC 1929), got 0',
    ],
    [
      { scheme: 'socks5', username: 'u', password: 'ü'.repeat(128) },
      'password must have 1 to 255 bytes in UTF-8 (RFC 1929), got 256',
    ],
    [{ scheme: 'socks5', headers: ['x', '1'] }, 'headers must be absent: a SOCKS proxy has none'],
    [{ scheme: 'http', tls: { certReqs: 'CERT_NONE' } }, 'tls must be absent: only an https proxy has it'],
    [{ scheme: 'socks5', tls: { certReqs: 'CERT_NONE' } }, 'tls must be absent: only an https proxy has it'],
    [
      { scheme: 'socks5', useForwardingForHttps: true },
      'useForwardingForHttps must be absent: a SOCKS proxy forwards no requests',
    ],
    [{ headers: ['x'] }, 'headers: header field lines must be pairs of a name and a value, got 1 items'],
    [{ headers: ['X', '1'] }, 'headers: header field name must be a lower-case token, got "X"'],
    [
      { headers: ['x', 'a\r\nproxy-authorization: b'] },
      'headers: value of header field "x" must hold no NUL, CR or LF, and no whitespace at its ends',
    ],
    [
      { headers: ['x', '\u20ac'] },
      'headers: value of header field "x" must hold no NUL, CR or LF, and no whitespace at its ends',
    ],
    [{ headers: ['x', 'y'.repeat(65_536)] }, 'headers must have at most 65536 bytes, got 65537'],
  ])('%# %j', (proxy, detail) => {
    expect(compiled(proxy)).toEqual({ name: 'unsupported_option', detail: `proxy.${detail}` });
  });

  test.each([
    'host',
    'content-length',
    'transfer-encoding',
    'connection',
    'keep-alive',
    'proxy-connection',
    'te',
    'trailer',
    'upgrade',
    'expect',
    ':x',
  ])('the field %s', (name) => {
    expect(compiled({ headers: [name, '2', 'x', '1'] })).toEqual({
      name: 'unsupported_option',
      detail: `proxy.headers must not hold ${name}: the gateway frames and routes messages to the proxy`,
    });
  });

  test('an identity the operator does not let the subject use with a proxy', () => {
    expect(compiled({ scheme: 'https', tls: { identity: 'corp' } })).toMatchObject({
      name: 'request_denied',
    });
  });
});

test('each setting of a proxy separates pools', () => {
  const variants: Partial<ProxySettings>[] = [
    {},
    { scheme: 'https' },
    { scheme: 'socks5' },
    { scheme: 'socks5', username: 'a', password: 'b' },
    { scheme: 'socks5', username: 'a', password: 'c' },
    { host: 'other.example' },
    { port: 3129 },
    { headers: ['x', '1'] },
    { headers: ['x', '2'] },
    { scheme: 'https', useForwardingForHttps: true },
    { scheme: 'https', tls: { certReqs: 'CERT_NONE' } },
  ];
  const keys = variants.map((proxy) => settingsOf(proxy).key);
  const direct = compile({ maxsize: 1, block: false }, { identities: [], policy: { key: '' } });
  expect(new Set([...keys, 'key' in direct && direct.key]).size).toBe(variants.length + 1);
  expect(settingsOf({}).key).toBe(keys[0]);
  // What it is made of is not to be seen in it.
  expect(keys.join()).not.toContain('example');
});

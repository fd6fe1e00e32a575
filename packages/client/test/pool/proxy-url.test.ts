import { describe, expect, it } from 'vitest';
import {
  InvalidRequestError,
  LocationParseError,
  LocationValueError,
  ProxySchemeUnknown,
  URLSchemeUnknown,
} from '../../src/errors.ts';
import { parseHttpProxy, parseProxy, parseSocksProxy } from '../../src/pool/proxy-url.ts';
import { thrown } from '../support/client.ts';

const SECRET = 'hunter2';

describe('the URL of an HTTP proxy', () => {
  it.each([
    ['http://proxy.test', { scheme: 'http', host: 'proxy.test', port: 80 }],
    ['http://proxy.test:80/', { scheme: 'http', host: 'proxy.test', port: 80 }],
    ['http://proxy.test:443', { scheme: 'http', host: 'proxy.test', port: 443 }],
    ['https://proxy.test', { scheme: 'https', host: 'proxy.test', port: 443 }],
    ['https://proxy.test:80', { scheme: 'https', host: 'proxy.test', port: 80 }],
    [' HTTPS://Proxy.Test:3128/ ', { scheme: 'https', host: 'proxy.test', port: 3128 }],
    ['http://[::1]:3128', { scheme: 'http', host: '::1', port: 3128 }],
    ['http://bücher.test', { scheme: 'http', host: 'xn--bcher-kva.test', port: 80 }],
  ])('%s says where it is', (url, address) => {
    expect(parseHttpProxy(url)).toEqual(address);
    expect(parseHttpProxy(new URL(url))).toEqual(address);
    expect(parseProxy(url)).toEqual(address);
  });

  it.each([
    ['proxy.test', 'no scheme, should start with http:// or https://'],
    ['localhost:8080', 'no scheme, should start with http:// or https://'],
    ['127.0.0.1:8080', 'no scheme, should start with http:// or https://'],
    ['//proxy.test', 'no scheme, should start with http:// or https://'],
    ['', 'no scheme, should start with http:// or https://'],
    ['ftp://proxy.test', 'unsupported scheme ftp, should use http:// or https://'],
    ['socks5://proxy.test', 'unsupported scheme socks5, should use http:// or https://'],
    ['__proto__://proxy.test', 'no scheme, should start with http:// or https://'],
  ])('%j has no scheme of one', (url, words) => {
    const error = thrown(() => parseHttpProxy(url)) as Error;
    expect(error.message).toBe(`Proxy URL had ${words}`);
    for (const parent of [ProxySchemeUnknown, URLSchemeUnknown, LocationValueError, InvalidRequestError])
      expect(error).toBeInstanceOf(parent);
  });

  it.each([
    'http://',
    'http:///proxy.test',
    'http://a b',
    'http://proxy.test:99999',
    'http://proxy.test:0',
    'http://[::1',
  ])('%j cannot be parsed', (url) => {
    const error = thrown(() => parseHttpProxy(url)) as Error;
    expect(error).toBeInstanceOf(LocationParseError);
    expect(error.message).toBe('Failed to parse: proxy must be a URL such as http://proxy.example:3128');
  });

  it.each(['http://proxy.test/path', 'http://proxy.test?q', 'http://proxy.test/#part'])(
    '%s has parts that would be ignored',
    (url) => {
      const error = thrown(() => parseHttpProxy(url)) as Error;
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(error.message).toMatch(/without a path, query or fragment$/);
    },
  );

  it.each([
    `http://user:${SECRET}@proxy.test`,
    `https://${SECRET}@proxy.test`,
    `http://:${SECRET}@proxy.test`,
  ])('with a user is refused, with a hint and without the secret: %s', (url) => {
    const error = thrown(() => parseHttpProxy(url)) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toMatch(/give proxyHeaders: makeHeaders\(\{ proxyBasicAuth/);
    expect(error.message).not.toContain(SECRET);
  });
});

describe('the URL of a SOCKS proxy', () => {
  it.each([
    ['socks5h://proxy.test', { scheme: 'socks5h', host: 'proxy.test', port: 1080 }],
    ['socks5://Proxy.Test:80', { scheme: 'socks5', host: 'proxy.test', port: 80 }],
    ['socks5://proxy.test:443', { scheme: 'socks5', host: 'proxy.test', port: 443 }],
    ['SOCKS4A://[::1]', { scheme: 'socks4a', host: '::1', port: 1080 }],
    ['socks4://user@proxy.test', { scheme: 'socks4', host: 'proxy.test', port: 1080, username: 'user' }],
    [
      'socks5h://us%65r%40a:p%3Ass:w@proxy.test',
      { scheme: 'socks5h', host: 'proxy.test', port: 1080, username: 'user@a', password: 'p:ss:w' },
    ],
    [
      'socks5h://ü:%C3%BC@proxy.test',
      { scheme: 'socks5h', host: 'proxy.test', port: 1080, username: 'ü', password: 'ü' },
    ],
  ])('%s says where it is and who asks', (url, address) => {
    expect(parseSocksProxy(url)).toEqual(address);
    expect(parseSocksProxy(new URL(url))).toEqual(address);
    expect(parseProxy(url)).toEqual(address);
  });

  it.each([
    ['http://proxy.test', 'http'],
    ['socks://proxy.test', 'socks'],
    ['socks6://proxy.test', 'socks6'],
    ['proxy.test:1080', 'a URL without a scheme'],
  ])('%s has no scheme of one', (url, scheme) => {
    const error = thrown(() => parseSocksProxy(url)) as Error;
    expect(error).toBeInstanceOf(ProxySchemeUnknown);
    expect(error.message).toBe(
      `Unable to determine SOCKS version from ${scheme}, should be socks4, socks4a, socks5, socks5h`,
    );
  });

  it.each([
    [`socks4://user:${SECRET}@proxy.test`, InvalidRequestError, /^password must be left out with socks4,/],
    [`socks4a://user:${SECRET}@proxy.test`, InvalidRequestError, /^password must be left out with socks4a,/],
    [`socks5://:${SECRET}@proxy.test`, InvalidRequestError, /^password .* must come with a username$/],
    [`socks5://%ff:${SECRET}@proxy.test`, LocationParseError, /must be percent-encoded UTF-8$/],
    [`socks5://user:${SECRET}%@proxy.test`, LocationParseError, /must be percent-encoded UTF-8$/],
    [`socks5://user:${SECRET}@a b`, LocationParseError, /^Failed to parse: proxy must be a URL/],
    [`socks5://user:${SECRET}@proxy.test/path`, InvalidRequestError, /without a path/],
    [`${SECRET}:x@proxy.test`, ProxySchemeUnknown, /without a scheme/],
  ])('%s is refused without its secret', (url, type, message) => {
    const error = thrown(() => parseSocksProxy(url)) as Error;
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(SECRET);
  });
});

import { describe, expect, it } from 'vitest';
import { parseUrl } from '../../src/pool/parse-url.ts';
import { Url, type UrlParts } from '../../src/pool/url.ts';

describe('Url', () => {
  const written: [UrlParts, string][] = [
    [{}, ''],
    [{ scheme: 'HTTP' }, 'http://'],
    [{ scheme: 'http', host: 'host' }, 'http://host'],
    [{ host: 'host', port: 0 }, 'host:0'],
    [{ host: 'host', path: 'a' }, 'host/a'],
    [{ host: 'host', path: '' }, 'host'],
    [{ path: '/', query: '' }, '/?'],
    [{ path: '/', fragment: '' }, '/#'],
    [{ auth: '', host: '' }, '@'],
    [
      { scheme: 'https', auth: 'u:p', host: '[::1]', port: 8443, path: '/a', query: 'b', fragment: 'c' },
      'https://u:p@[::1]:8443/a?b#c',
    ],
  ];
  it.each(written)('writes %j', (parts, url) => {
    expect(new Url(parts).url).toBe(url);
    expect(String(new Url(parts))).toBe(url);
  });

  const derived: [url: string, hostname: unknown, netloc: unknown, authority: unknown, requestUri: string][] =
    [
      ['', undefined, undefined, undefined, '/'],
      ['/a?b', undefined, undefined, undefined, '/a?b'],
      ['http://host', 'host', 'host', 'host', '/'],
      ['http://host?', 'host', 'host', 'host', '/?'],
      ['http://host:80/a#f', 'host', 'host:80', 'host:80', '/a'],
      ['http://host:0', 'host', 'host:0', 'host:0', '/'],
      ['http://u:p@host:80/?q', 'host', 'host:80', 'u:p@host:80', '/?q'],
      ['http://u@host', 'host', 'host', 'u@host', '/'],
      ['http://[::1]:80', '[::1]', '[::1]:80', '[::1]:80', '/'],
      ['http://:80', '', ':80', ':80', '/'],
    ];
  it.each(derived)('derives from %j', (url, hostname, netloc, authority, requestUri) => {
    const parsed = parseUrl(url);
    expect([parsed.hostname, parsed.netloc, parsed.authority, parsed.requestUri]).toEqual([
      hostname,
      netloc,
      authority,
      requestUri,
    ]);
  });

  const credentials: [auth: string | undefined, username: unknown, password: unknown, joined: unknown][] = [
    [undefined, undefined, undefined, undefined],
    ['', '', undefined, ':'],
    ['user', 'user', undefined, 'user:'],
    ['user:', 'user', '', 'user:'],
    [':pass', '', 'pass', ':pass'],
    ['user:a:b', 'user', 'a:b', 'user:a:b'],
    ['us%40er:p%3Ass', 'us@er', 'p:ss', 'us@er:p:ss'],
    ['%C3%BC:%E4%BE%8B%e4%be%8b', 'ü', '例例', 'ü:例例'],
    ['%EF%BB%BFa', '\ufeffa', undefined, '\ufeffa:'],
    ['%ff%C3x', '\ufffd\ufffdx', undefined, '\ufffd\ufffdx:'],
    ['50%:1%zz', '50%', '1%zz', '50%:1%zz'],
    ['a+b', 'a+b', undefined, 'a+b:'],
    ['ü%41', 'üA', undefined, 'üA:'],
  ];
  it.each(credentials)('decodes %j', (auth, username, password, joined) => {
    const url = new Url({ auth, host: 'host' });
    expect(url.authDecoded).toEqual([username, password]);
    expect(url.authDecodedJoined).toBe(joined);
  });

  it('is changed by making another one of its parts', () => {
    const url = parseUrl('http://u@host/a?b#c');
    expect(new Url({ ...url, query: undefined, fragment: undefined }).url).toBe('http://u@host/a');
    expect(url.url).toBe('http://u@host/a?b#c');
  });
});

import { expect, test } from 'vitest';
import type { ConnectTarget } from '../../src/connect/connector.ts';
import { connectTarget, poolKey } from '../../src/pool/pool-key.ts';
import { ANYWHERE, poolSettings } from '../support/settings.ts';

test.each([
  ['http', 'example.com', { scheme: 'http', host: 'example.com', port: 80 }],
  ['https', 'Example.COM', { scheme: 'https', host: 'example.com', port: 443 }],
  ['http', 'example.com:8080', { scheme: 'http', host: 'example.com', port: 8080 }],
  ['http', 'a_b-c.d.:1', { scheme: 'http', host: 'a_b-c.d.', port: 1 }],
  ['http', '127.0.0.1:65535', { scheme: 'http', host: '127.0.0.1', port: 65535 }],
  ['https', '[::1]', { scheme: 'https', host: '::1', port: 443 }],
  ['http', '[2001:DB8::1]:8080', { scheme: 'http', host: '2001:db8::1', port: 8080 }],
])('%s and %s', (scheme, authority, expected) => {
  expect(connectTarget(scheme, authority)).toEqual(expected);
});

test.each([
  ['ftp', 'example.com'],
  ['HTTP', 'example.com'],
  ['http', ''],
  ['http', ':80'],
  ['http', 'a:'],
  ['http', 'a:0'],
  ['http', 'a:65536'],
  ['http', 'a:8o'],
  ['http', 'user@a'],
  ['http', 'a/b'],
  ['http', 'a b'],
  ['http', 'a\r\nb'],
  ['http', 'a%2e'],
  ['http', 'caf\xe9'],
  ['http', '::1'],
  ['http', '[::1'],
  ['http', '[127.0.0.1]'],
  ['http', '[fe80::1%25eth0]'],
  ['http', 'a'.repeat(256)],
])('no key for %s and %j', (scheme, authority) => {
  expect(connectTarget(scheme, authority)).toBeUndefined();
});

test('two keys have one text only if they are the same', () => {
  const textOf = (
    scheme: string,
    authority: string,
    settings = poolSettings(),
    isForwarding = false,
  ): string =>
    poolKey(connectTarget(scheme, authority) as ConnectTarget, settings, isForwarding, ANYWHERE).text;
  const texts = [
    textOf('http', 'a'),
    textOf('https', 'a'),
    textOf('http', 'a:443'),
    textOf('https', 'a:80'),
    textOf('http', 'b'),
    textOf('http', 'a', poolSettings(), true),
    textOf('http', 'a', poolSettings({ maxsize: 2 })),
    textOf('http', 'a', poolSettings({ tls: { certReqs: 'CERT_NONE' } })),
  ];
  expect(new Set(texts).size).toBe(8);
  expect(textOf('http', 'a')).toBe(textOf('http', 'A:80'));
});

import type { TlsSettings } from '@hip/wire';
import { describe, expect, test } from 'vitest';
import { bareName, checkTlsSettings, isSpoken } from '../../src/connect/tls-rules.ts';
import type { FailureError } from '../../src/errors.ts';

const DEFAULTS = {
  certReqs: 'CERT_REQUIRED',
  serverHostname: undefined,
  assertHostname: undefined,
  fingerprint: undefined,
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: undefined,
  alpnProtocols: ['http/1.1'],
};
const SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';
const HEX = '0123456789abcdefABCDEF0123456789';

describe('settings that can be honoured', () => {
  test.each<[TlsSettings, object]>([
    [{}, {}],
    [{ certReqs: 'CERT_OPTIONAL' }, { certReqs: 'CERT_OPTIONAL' }],
    [{ certReqs: 'CERT_NONE' }, { certReqs: 'CERT_NONE' }],
    [{ serverHostname: 'a.test.' }, { serverHostname: 'a.test' }],
    [{ serverHostname: '[fe80::1%eth0]' }, { serverHostname: 'fe80::1' }],
    [{ assertHostname: 'a_b.test' }, { assertHostname: 'a_b.test' }],
    [{ assertHostname: false }, { assertHostname: false }],
    [{ sslMinimumVersion: 'TLSv1.3' }, { minVersion: 'TLSv1.3' }],
    [{ sslMaximumVersion: 'TLSv1.2' }, { maxVersion: 'TLSv1.2' }],
    [{ ciphers: 'HIGH:!aNULL' }, { ciphers: `HIGH:!aNULL:${SUITES}` }],
    [{ ciphers: 'TLS_AES_128_GCM_SHA256' }, { ciphers: 'TLS_AES_128_GCM_SHA256' }],
    [{ ciphers: 'HIGH:TLS_AES_128_GCM_SHA256' }, { ciphers: 'HIGH:TLS_AES_128_GCM_SHA256' }],
    [
      { sslMinimumVersion: 'TLSv1', sslMaximumVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: `DEFAULT:@SECLEVEL=0:${SUITES}` },
    ],
    [{ alpnProtocols: [] }, { alpnProtocols: [] }],
    [{ alpnProtocols: ['http/1.0', 'http/1.1'] }, { alpnProtocols: ['http/1.0', 'http/1.1'] }],
  ])('%j', (settings, expected) => {
    expect(checkTlsSettings(settings)).toEqual({ ...DEFAULTS, ...expected });
  });

  test.each([
    [HEX, 'md5'],
    [`${HEX}01234567`, 'sha1'],
    [HEX.repeat(2), 'sha256'],
    [HEX.repeat(2).replaceAll(/..(?=.)/g, '$&:'), 'sha256'],
  ])('the fingerprint %s: %s', (text, digest) => {
    const bytes = Buffer.from(text.replaceAll(':', ''), 'hex');
    expect(checkTlsSettings({ assertFingerprint: text }).fingerprint).toEqual({ digest, bytes, text });
  });
});

describe('settings that cannot', () => {
  test.each<[TlsSettings, string]>([
    [{ certReqs: 'NONE' }, 'certReqs: expected CERT_REQUIRED, CERT_OPTIONAL, CERT_NONE, got "NONE"'],
    [{ certReqs: '' }, 'certReqs: expected CERT_REQUIRED, CERT_OPTIONAL, CERT_NONE, got ""'],
    [
      { sslMinimumVersion: 'TLSv1.4' },
      'sslMinimumVersion: expected TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, got "TLSv1.4"',
    ],
    [
      { sslMaximumVersion: 'SSLv3' },
      'sslMaximumVersion: expected TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, got "SSLv3"',
    ],
    [
      { sslMinimumVersion: 'TLSv1.3', sslMaximumVersion: 'TLSv1.2' },
      'sslMinimumVersion (TLSv1.3) is above sslMaximumVersion (TLSv1.2): no version is left',
    ],
    [
      { sslMaximumVersion: 'TLSv1.1' },
      'sslMinimumVersion (TLSv1.2, the default) is above sslMaximumVersion (TLSv1.1): no version is left',
    ],
    [{ sslMinimumVersion: 'TLSv1' }, "security level 0 alone: add ciphers 'DEFAULT:@SECLEVEL=0'"],
    [{ sslMinimumVersion: 'TLSv1.1', ciphers: 'DEFAULT' }, "add ciphers 'DEFAULT:@SECLEVEL=0'"],
    [{ ciphers: '' }, 'ciphers: expected a list in OpenSSL\'s form, got ""'],
    [{ ciphers: 'a\nb' }, 'ciphers: expected a list in OpenSSL\'s form, got "a\\nb"'],
    [{ serverHostname: '' }, 'serverHostname: expected a host name in ASCII'],
    [{ serverHostname: 'a.test\0' }, 'got "a.test\\u0000"'],
    [{ serverHostname: 'a test' }, 'serverHostname: expected a host name'],
    [{ serverHostname: 'bücher.test' }, 'xn--… for other letters'],
    [{ serverHostname: '.test' }, 'serverHostname: expected a host name'],
    [{ serverHostname: '...' }, 'serverHostname: expected a host name'],
    [{ serverHostname: 'a'.repeat(256) }, 'got a text of 256 characters'],
    [{ assertHostname: '' }, 'assertHostname: expected a host name'],
    [{ assertHostname: '.a.test' }, 'assertHostname: expected a host name'],
    [{ assertFingerprint: 'xyz' }, 'assertFingerprint: expected hexadecimal digits, with or without colons'],
    [{ assertFingerprint: `0x${HEX}` }, 'assertFingerprint: expected hexadecimal digits'],
    [
      { assertFingerprint: HEX.repeat(4) },
      'assertFingerprint: Fingerprint of invalid length: expected 32 (MD5), 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, got 128',
    ],
    [{ assertFingerprint: '' }, 'Fingerprint of invalid length'],
    [
      { alpnProtocols: ['h2', 'http/1.1'] },
      "alpnProtocols: expected no 'h2', because the gateway speaks HTTP/1.1",
    ],
    [{ alpnProtocols: [''] }, 'alpnProtocols: expected names of 1 to 255 bytes (RFC 7301), got one of 0'],
    [{ alpnProtocols: ['ü'.repeat(128)] }, 'got one of 256'],
  ])('%j', (settings, words) => {
    let thrown: FailureError | undefined;
    try {
      checkTlsSettings(settings);
    } catch (error) {
      thrown = error as FailureError;
    }
    expect(thrown?.failure.name).toBe('tls_configuration_error');
    expect(thrown?.failure.detail).toContain(words);
  });

  test('a key in the wrong place is not repeated', () => {
    const key = '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n'.repeat(2);
    const options = [
      'certReqs',
      'serverHostname',
      'assertHostname',
      'assertFingerprint',
      'sslMinimumVersion',
      'ciphers',
    ];
    for (const option of options) {
      expect(() => checkTlsSettings({ [option]: key })).toThrow(new RegExp(`^(?!.*canary).*${option}`, 's'));
    }
  });
});

test.each([
  ['a.test', 'a.test'],
  ['a.test..', 'a.test'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['[::1]', '::1'],
  ['fe80::1%25eth0', 'fe80::1'],
  ['a%b.test', 'a%b.test'],
])('%s is compared as %s', (name, expected) => {
  expect(bareName(name)).toBe(expected);
});

test.each([
  ['http/1.1', true],
  [false, true],
  [null, true],
  ['h2', false],
  ['http/1.0', false],
])('%s: %s', (protocol, expected) => {
  expect(isSpoken(protocol as string | false | null)).toBe(expected);
});

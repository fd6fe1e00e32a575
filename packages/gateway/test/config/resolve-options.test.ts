import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../src/config/resolve-options.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { DEFAULTS } from '../../src/defaults.ts';
import { ConfigError } from '../../src/errors.ts';
import { SILENT_LOGGER } from '../../src/logger.ts';
import type { GatewayOptions } from '../../src/options.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/tls-fixture.ts';

test('nothing given is all defaults, and a token nobody knows', () => {
  const resolved = resolveOptions({});
  expect(resolved).toMatchObject({
    listen: { host: '127.0.0.1', port: 8787 },
    allow: [],
    limits: DEFAULTS.limits,
    timeouts: DEFAULTS.timeouts,
  });
  expect(resolved.token).toMatch(/^[\w-]{43}$/);
  expect(resolveOptions({}).token).not.toBe(resolved.token);
});

test('what is given wins, and undefined is not given', () => {
  const resolved = resolveOptions({
    listen: '[::1]:0',
    token: 't',
    allow: ['LocalHost:80', '[0::1]:*'],
    limits: { maxSessions: 7, maxHeadBytes: undefined } as never,
    timeouts: { readTimeoutMs: 9 },
    logger: SILENT_LOGGER,
  });
  expect(resolved).toMatchObject({
    listen: { host: '::1', port: 0 },
    token: 't',
    allow: [
      { host: 'localhost', port: 80 },
      { host: '::1', port: undefined },
    ],
    limits: { ...DEFAULTS.limits, maxSessions: 7 },
    timeouts: { ...DEFAULTS.timeouts, readTimeoutMs: 9 },
  });
  expect(resolved.log).toBe(SILENT_LOGGER);
});

test('the default subject is that of the token; further ones have their own', () => {
  const identities = { web: { cert: TEST_CERTIFICATE, key: TEST_KEY } };
  expect(resolveOptions({ token: 't' }).subjects).toEqual([{ name: 'default', token: 't', identities: [] }]);
  expect(
    resolveOptions({
      token: 't',
      identities,
      subjects: { default: { identities: ['web'] }, other: { token: 'o' } },
    }).subjects,
  ).toEqual([
    { name: 'default', token: 't', identities: ['web'] },
    { name: 'other', token: 'o', identities: [] },
  ]);
});

test('trust is a list of certificates, or what comes with Node', () => {
  expect(resolveOptions({}).trust).toBeUndefined();
  expect(resolveOptions({ trust: 'bundled' }).trust).toBeUndefined();
  expect(resolveOptions({ trust: 'system' }).trust).toEqual(getCACertificates('system'));
  expect(resolveOptions({ trust: `# ours\n${TEST_CERTIFICATE}\n${TEST_CERTIFICATE}` }).trust).toEqual([
    TEST_CERTIFICATE.trim(),
    TEST_CERTIFICATE.trim(),
  ]);
});

test('with the tokens of subjects a gateway may listen beyond loopback', () => {
  expect(() => resolveOptions({ listen: '0.0.0.0:0', subjects: { a: { token: 'a' } } })).not.toThrow();
  expect(() => resolveOptions({ listen: '0.0.0.0:0', subjects: { default: {} } })).toThrow(ConfigError);
});

describe('refuses', () => {
  const cert = TEST_CERTIFICATE;
  const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
  const locked = createPrivateKey(TEST_KEY).export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'canary' });

  test.each<[string, GatewayOptions | object, string]>([
    ['trust that is no PEM', { trust: 'ca.pem' }, 'trust must hold certificates in PEM, and only such.'],
    [
      'trust with a broken certificate',
      { trust: `${cert}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n` },
      'trust must hold certificates in PEM, and only such.',
    ],
    [
      'a key of another certificate',
      { identities: { a: { cert, key: String(otherKey.export(pkcs8)) } } },
      'identities.a cannot be used: the key does not belong to the certificate.',
    ],
    [
      'a key without its password',
      { identities: { a: { cert, key: String(locked) } } },
      'identities.a cannot be used: the password is missing or wrong.',
    ],
    [
      'a key with a wrong password',
      { identities: { a: { cert, key: String(locked), keyPassword: 'kanarie' } } },
      'identities.a cannot be used: the password is missing or wrong.',
    ],
    [
      'a certificate that is none',
      { identities: { a: { cert: 'x', key: TEST_KEY } } },
      'identities.a cannot be used: a file is not PEM.',
    ],
    [
      'an identity of something else',
      { identities: { a: { certFile: 'a.pem' } } },
      'identities.a must have cert and key in PEM (and keyPassword), or pfx as bytes (and pfxPassword).',
    ],
    ['identities that are none', { identities: [] }, 'identities must be an object of names.'],
    ['a subject without a token', { subjects: { a: {} } }, 'subjects.a must have a token.'],
    [
      'a token for the default subject',
      { token: 't', subjects: { default: { token: 'u' } } },
      'subjects.default must have no token of its own: it is the subject of token.',
    ],
    [
      'one token for two',
      { subjects: { a: { token: 't' }, b: { token: 't' } } },
      'subjects.b must have a token of its own, but has that of subjects.a.',
    ],
    [
      'an identity that is not there',
      { subjects: { a: { token: 't', identities: ['web'] } } },
      'subjects.a may use the identity "web", which is not among identities.',
    ],
  ])('%s', (_name, options, problem) => {
    const error = caught(() => resolveOptions(options as GatewayOptions));
    expect(error.problems).toEqual([problem]);
    expect(error.message).not.toMatch(/canary|kanarie/);
  });
});

function caught(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected a ConfigError');
}

describe('refuses', () => {
  test.each<[string, unknown, string]>([
    ['an unknown option', { lisen: 'x' }, 'lisen is not a setting. Did you mean listen?'],
    [
      'an unknown limit',
      { limits: { maxSession: 1 } },
      'limits.maxSession is not a setting. Did you mean limits.maxSessions?',
    ],
    [
      'a bad limit',
      { limits: { maxSessions: 0 } },
      'limits.maxSessions must be an integer from 1 to 1000000, got 0.',
    ],
    ['a file where a token is meant', { tokenFile: 't' }, 'tokenFile is not a setting.'],
    ['a token with a space', { token: 'a b' }, 'token must be one line of visible ASCII characters.'],
    ['an empty token', { token: '' }, 'token must be one line of visible ASCII characters.'],
    [
      'to be reached by anyone',
      { listen: '[::]:80' },
      'listen must be a loopback address as long as there is no token: others could reach [::]:80. Give a token (--token-file FILE), or listen on 127.0.0.1.',
    ],
  ])('%s', (_name, options, problem) => {
    expect(() => resolveOptions(options as GatewayOptions)).toThrow(new ConfigError([problem]));
  });
});

test('every default is a value its own setting accepts', () => {
  for (const { path, schema } of SETTINGS) {
    const value = path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], DEFAULTS);
    if (value !== undefined) expect(schema.safeParse(value).success, path.join('.')).toBe(true);
  }
});

import {
  disableWarnings,
  EgressDeniedError,
  type HTTPError,
  InsecureRequestWarning,
  InvalidRequestError,
  type PoolManagerOptions,
  SSLError,
} from '@hip/client';
import { describe, expect } from 'vitest';
import { bytesOf } from '../support/base64.ts';
import { rejection } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { describeWith, LOOPBACK, newClient, newTlsOrigin, test } from '../support/fixtures.ts';
import type { Pki } from '../support/peers/peer-api.ts';

// Options that cannot be used: which error, and what its message tells a person to do. None leads to a handshake.

const describeTls = await describeWith('openssl');

disableWarnings(InsecureRequestWarning);

test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  allow: ['127.0.0.1:*', 'localhost:*'],
}));

type Options = (pki: Pki) => PoolManagerOptions;

describeTls('options', () => {
  const missing = /Client private key is encrypted, password is required: give keyPassword/;
  const wrong = /keyPassword: it is not the password of keyFile/;

  test.for<[what: string, options: Options, message: RegExp]>([
    [
      'a bundle of garbage',
      () => ({ caCerts: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }),
      /caCerts: certificate 1 of 1 cannot be read/,
    ],
    ['a bundle that is none', () => ({ caCerts: 'garbage' }), /caCerts/],
    [
      'an encrypted key without its password',
      ({ clients: { alice } }) => ({ certFile: alice.chain, keyFile: alice.encryptedKey }),
      missing,
    ],
    [
      'an encrypted key without its password, in the traditional form',
      ({ clients: { alice } }) => ({ certFile: alice.chain, keyFile: alice.encryptedTraditionalKey }),
      missing,
    ],
    [
      'an encrypted key with another password',
      ({ clients: { alice } }) => ({
        certFile: alice.chain,
        keyFile: alice.encryptedKey,
        keyPassword: 'wrong',
      }),
      wrong,
    ],
    [
      'an encrypted key with another password, in the traditional form',
      ({ clients: { alice } }) => ({
        certFile: alice.chain,
        keyFile: alice.encryptedTraditionalKey,
        keyPassword: 'wrong',
      }),
      wrong,
    ],
    [
      'a key of another certificate',
      ({ clients: { alice, bob } }) => ({ certFile: alice.chain, keyFile: bob.key }),
      /keyFile: the private key does not belong to the certificate.*KEY_VALUES_MISMATCH/,
    ],
    [
      'a certificate without a key',
      ({ clients: { alice } }) => ({ certFile: alice.chain }),
      /keyFile: expected a private key, here or in certFile/,
    ],
    [
      'a key without a certificate',
      ({ clients: { alice } }) => ({ keyFile: alice.key }),
      /keyFile: expected certFile beside it/,
    ],
    [
      'a key that is none',
      ({ clients: { alice } }) => ({ certFile: alice.chain, keyFile: 'garbage' }),
      /keyFile/,
    ],
    [
      'a certificate that is none',
      ({ clients: { alice } }) => ({ certFile: 'garbage', keyFile: alice.key }),
      /certFile/,
    ],
    [
      'a store with another password',
      ({ clients: { alice } }) => ({ pfx: bytesOf(alice.pfx), keyPassword: 'wrong' }),
      /keyPassword: it is not the password of pfx/,
    ],
    [
      'a store without its password',
      ({ clients: { alice } }) => ({ pfx: bytesOf(alice.pfx) }),
      /pfx: it is encrypted, password is required: give keyPassword/,
    ],
    ['a store that is none', () => ({ pfx: bytesOf('MAIBAw==') }), /pfx: cannot be read/],
    [
      'a store and a certificate',
      ({ clients: { alice } }) => ({
        pfx: bytesOf(alice.pfxWithoutPassword),
        certFile: alice.chain,
        keyFile: alice.key,
      }),
      /certFile and pfx: expected one of them/,
    ],
    [
      'a fingerprint of no known length',
      () => ({ assertFingerprint: 'ab'.repeat(64) }),
      /Fingerprint of invalid length.*got 128/,
    ],
    [
      'a fingerprint that is not hexadecimal',
      () => ({ assertFingerprint: 'xyz' }),
      /assertFingerprint: expected hexadecimal digits/,
    ],
    [
      'a minimum above the maximum',
      () => ({ sslMinimumVersion: 'TLSv1.3', sslMaximumVersion: 'TLSv1.2' }),
      /sslMinimumVersion \(TLSv1\.3\) is above sslMaximumVersion \(TLSv1\.2\)/,
    ],
    [
      'a version that OpenSSL would need to be told twice',
      () => ({ sslMinimumVersion: 'TLSv1' }),
      /add ciphers 'DEFAULT:@SECLEVEL=0'/,
    ],
    [
      'ciphers that nobody knows',
      () => ({ ciphers: 'BOGUS' }),
      /ciphers: OpenSSL does not take it \(ERR_SSL_NO_CIPHER_MATCH\)/,
    ],
    [
      'a name that is none',
      () => ({ serverHostname: 'a b' }),
      /serverHostname: expected a host name.*got "a b"/,
    ],
    ['HTTP/2', () => ({ alpnProtocols: ['h2', 'http/1.1'] }), /alpnProtocols: expected no 'h2'/],
  ])('%s', async ([, options, message], { gateway, pki }) => {
    const origin = await newTlsOrigin();
    const http = newClient(gateway, options(pki));
    await expectFailure(http, origin.url('/hello'), SSLError, message);
    const error = (await rejection(http.request('GET', origin.url('/hello')))) as HTTPError;
    expect(error).toMatchObject({ code: 'tls_configuration_error', sent: 'never' });
    expect(error.message).not.toContain('PRIVATE KEY-----');
    expect(await origin.counts()).toMatchObject({ handshakes: 0, requests: [] });
  });

  test('a store of the old kind', async ({ gateway, pki }) => {
    const origin = await newTlsOrigin();
    if (pki.legacyPfx === null) return;
    const http = newClient(gateway, { pfx: bytesOf(pki.legacyPfx), keyPassword: pki.password });
    await expectFailure(
      http,
      origin.url('/hello'),
      SSLError,
      /in an old way \(RC2, RC4 or DES\): export it again with AES/,
    );
  });

  test('what is wrong with them does not matter to http:', async ({ gateway, origin }) => {
    const http = newClient(gateway, { ciphers: 'BOGUS', sslMinimumVersion: 'TLSv1' });
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
  });

  test('nor to a request that overrides them', async ({ gateway, pki }) => {
    const origin = await newTlsOrigin();
    const http = newClient(gateway, { ciphers: 'BOGUS', caCerts: pki.root.certificate });
    expect((await http.request('GET', origin.url('/hello'), { ciphers: null })).status).toBe(200);
  });

  test('values of the wrong kind are found before anything is sent', async ({ gateway }) => {
    const http = newClient(gateway, { certReqs: 'CERT_MAYBE' as 'CERT_NONE' });
    const error = await rejection(http.request('GET', 'https://127.0.0.1:1/'));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(/certReqs must be CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE/);
  });
});

describe('an identity', () => {
  test('that the operator does not keep is refused', async ({ gateway }) => {
    const http = newClient(gateway, { identity: 'shop' });
    await expectFailure(
      http,
      'https://127.0.0.1:1/',
      EgressDeniedError,
      /identity "shop" is none that the operator lets/,
    );
  });
});

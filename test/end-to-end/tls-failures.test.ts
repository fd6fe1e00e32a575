import {
  ConnectTimeoutError,
  disableWarnings,
  EgressDeniedError,
  type HTTPError,
  InsecureRequestWarning,
  InvalidRequestError,
  type PoolManagerOptions,
  SSLError,
} from '@hip/client';
import { describe, expect } from 'vitest';
import { rejection } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { describeWith, LOOPBACK, newClient, newRawProxy, newTlsOrigin, test } from '../support/fixtures.ts';
import type { Pki, ServerCertificateName, TlsOriginSetup } from '../support/peers/peer-api.ts';

// Every way in which TLS fails, as a client sees it: which error, and what its message tells a person to do.

const describeTls = await describeWith('openssl');

disableWarnings(InsecureRequestWarning);

test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  allow: ['127.0.0.1:*', 'localhost:*'],
}));

type Options = (pki: Pki) => PoolManagerOptions;

function trusting(more: PoolManagerOptions = {}): Options {
  return ({ root }) => ({ caCerts: root.certificate, ...more });
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

describeTls("the origin's certificate", () => {
  test.for<[what: string, name: ServerCertificateName, host: string, options: Options, message: RegExp]>([
    [
      'signed by itself',
      'selfSigned',
      '127.0.0.1',
      trusting(),
      /is self-signed: to trust it, give it in caCerts/,
    ],
    [
      'of an unknown authority',
      'unknownCa',
      '127.0.0.1',
      trusting(),
      /issued by '.*', which is neither trusted nor sent/,
    ],
    [
      'without any bundle',
      'good',
      '127.0.0.1',
      () => ({}),
      /leads to the authority 'CN=.*', which is not trusted: to trust it, give it in caCerts/,
    ],
    [
      'with a bundle of another authority',
      'good',
      '127.0.0.1',
      ({ otherRoot }) => ({ caCerts: otherRoot.certificate }),
      /leads to the authority 'CN=.*', which is not trusted/,
    ],
    [
      'expired',
      'expired',
      '127.0.0.1',
      trusting(),
      /has expired at 2\d{3}-\d\d-\d\dT[\d:.]+Z \(CERT_HAS_EXPIRED\)/,
    ],
    [
      'not yet valid',
      'notYetValid',
      '127.0.0.1',
      trusting(),
      /is not yet valid before 2\d{3}-.*CERT_NOT_YET_VALID/,
    ],
    [
      'of another host',
      'wrongHost',
      'localhost',
      trusting(),
      /hostname 'localhost' doesn't match 'other\.test'/,
    ],
    [
      'of another host, for an address',
      'wrongHost',
      '127.0.0.1',
      trusting(),
      /IP address '127\.0\.0\.1' doesn't match 'other\.test'/,
    ],
    [
      'of a name, for an address',
      'nameOnly',
      '127.0.0.1',
      trusting(),
      /IP address '127\.0\.0\.1' doesn't match 'localhost'/,
    ],
    [
      'of an address, for a name',
      'addressOnly',
      'localhost',
      trusting(),
      /hostname 'localhost' doesn't match '127\.0\.0\.1'/,
    ],
    [
      'without subjectAltName',
      'noSan',
      'localhost',
      trusting(),
      /no subjectAltName, and a common name does not count/,
    ],
    ['of a wildcard elsewhere', 'wildcard', 'localhost', trusting(), /doesn't match '\*\.wildcard\.test'/],
    [
      'without its intermediate',
      'missingIntermediate',
      '127.0.0.1',
      trusting(),
      /if that is an intermediate, the server has to send it/,
    ],
    ['for clients', 'clientPurpose', '127.0.0.1', trusting(), /not one for servers.*INVALID_PURPOSE/],
    [
      'of another fingerprint',
      'good',
      '127.0.0.1',
      ({ root, servers }) => ({
        caCerts: root.certificate,
        assertFingerprint: servers.second.fingerprints.sha1,
      }),
      /Fingerprints did not match\. Expected "[0-9a-f]{40}", got "[0-9a-f]{40}"/,
    ],
    [
      'of another fingerprint, with CERT_NONE',
      'good',
      '127.0.0.1',
      ({ servers }) => ({ certReqs: 'CERT_NONE', assertFingerprint: servers.second.fingerprints.md5 }),
      /Fingerprints did not match/,
    ],
    [
      'of the fingerprint and an unknown authority',
      'unknownCa',
      '127.0.0.1',
      ({ root, servers }) => ({
        caCerts: root.certificate,
        assertFingerprint: servers.unknownCa.fingerprints.sha256,
      }),
      /neither trusted nor sent/,
    ],
    [
      'not of assertHostname',
      'good',
      '127.0.0.1',
      trusting({ assertHostname: 'x.test' }),
      /hostname 'x\.test' doesn't match either of/,
    ],
    [
      'not of serverHostname',
      'good',
      '127.0.0.1',
      trusting({ serverHostname: 'x.test' }),
      /hostname 'x\.test' doesn't match either of/,
    ],
    [
      'expired, with CERT_OPTIONAL',
      'expired',
      '127.0.0.1',
      trusting({ certReqs: 'CERT_OPTIONAL' }),
      /has expired/,
    ],
  ])('%s', async ([, name, host, options, message], { gateway, pki }) => {
    const origin = await newTlsOrigin({ identity: pki.servers[name] });
    const http = newClient(gateway, options(pki));
    await expectFailure(http, origin.url('/hello', host), SSLError, message);
    expect(
      await rejection(http.request('GET', origin.url('/hello', host), { retries: false })),
    ).toMatchObject({
      code: 'tls_certificate_error',
      sent: 'never',
    });
    expect((await origin.counts()).requests).toEqual([]);
  });
});

describeTls('the handshake', () => {
  test.for<[what: string, setup: TlsOriginSetup, options: Options, code: string, message: RegExp]>([
    [
      'with a server of older versions',
      { maxVersion: 'TLSv1.2' },
      trusting({ sslMinimumVersion: 'TLSv1.3' }),
      'tls_alert_received',
      /no version of TLS is common to both: see sslMinimumVersion and sslMaximumVersion/,
    ],
    [
      'with a server of newer versions',
      { minVersion: 'TLSv1.3' },
      trusting({ sslMaximumVersion: 'TLSv1.2' }),
      'tls_alert_received',
      /no version of TLS is common to both/,
    ],
    [
      'with a server of other ciphers',
      { maxVersion: 'TLSv1.2' },
      trusting({ ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }),
      'tls_alert_received',
      /accepts none of the ciphers offered/,
    ],
    [
      'with a server of other protocols',
      { alpnProtocols: ['http/1.0'] },
      trusting({ alpnProtocols: ['http/1.0'] }),
      'tls_protocol_error',
      /it chose the protocol "http\/1\.0"/,
    ],
    [
      'with a server that wants a certificate, TLS 1.2',
      { maxVersion: 'TLSv1.2', clientCertificates: 'required' },
      trusting(),
      'tls_alert_received',
      /requires a client certificate \(certFile and keyFile, pfx or identity\)/,
    ],
    [
      'with a server that wants a certificate, TLS 1.3',
      { minVersion: 'TLSv1.3', clientCertificates: 'required' },
      trusting(),
      'tls_alert_received',
      /requires a client certificate: give certFile and keyFile, pfx or identity/,
    ],
  ])('%s', async ([, setup, options, code, message], { gateway, pki }) => {
    const origin = await newTlsOrigin(setup);
    const http = newClient(gateway, options(pki));
    await expectFailure(http, origin.url('/hello'), SSLError, message);
    expect(await rejection(http.request('GET', origin.url('/hello'), { retries: false }))).toMatchObject({
      code,
    });
    expect((await origin.counts()).requests).toEqual([]);
  });

  test('with a server that speaks plain HTTP', async ({ http }) => {
    const server = await newRawProxy([
      { read: 5 },
      { write: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
      { end: 'close' },
    ]);
    const url = server.url('https');
    await expectFailure(
      http,
      url,
      SSLError,
      /does not speak TLS: most likely it speaks plain HTTP \(http:\/\/\)/,
    );
    expect(await rejection(http.request('GET', url, { retries: false }))).toMatchObject({
      code: 'tls_protocol_error',
      sent: 'never',
    });
  });

  test('with a server of plain HTTP that hangs up on everything else', async ({ http, origin }) => {
    const url = `https://${origin.host}/hello`;
    await expectFailure(
      http,
      url,
      SSLError,
      /closed the connection.*perhaps it does not speak TLS \(http:\/\/\)/,
    );
  });

  test.for(['close', 'reset'] as const)('with a server that hangs up: %s', async (end, { http }) => {
    const server = await newRawProxy([{ read: 5 }, { end }]);
    await expectFailure(http, server.url('https'), SSLError, /it closed the connection in the TLS handshake/);
  });

  test('with a server that says nothing', async ({ http }) => {
    const server = await newRawProxy([]);
    const error = await rejection(
      http.request('GET', server.url('https'), { retries: false, timeout: { connect: 300 } }),
    );
    expect(error).toBeInstanceOf(ConnectTimeoutError);
    expect(error).toMatchObject({ code: 'connection_timeout', sent: 'never' });
  });
});

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
    const error = (await rejection(
      http.request('GET', origin.url('/hello'), { retries: false }),
    )) as HTTPError;
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

import {
  ConnectTimeoutError,
  disableWarnings,
  InsecureRequestWarning,
  type PoolManagerOptions,
  SSLError,
} from '@hip/client';
import { expect } from 'vitest';
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

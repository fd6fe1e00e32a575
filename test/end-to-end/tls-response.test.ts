import { disableWarnings, type PoolManagerOptions } from '@hip/client';
import { describe, expect } from 'vitest';
import { sha256 } from '../support/content.ts';
import { describeWith, LOOPBACK, newClient, newTlsOrigin, test } from '../support/fixtures.ts';
import type { Pki } from '../support/peers/peer-api.ts';

// What a response tells about TLS, and which origins are accepted.

const describeTls = await describeWith('openssl');

disableWarnings();
test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  allow: ['127.0.0.1:*', 'localhost:*'],
}));

describeTls('response.tls', () => {
  test.for(['TLSv1.2', 'TLSv1.3'] as const)('tells %s and its cipher', async (version, { gateway, pki }) => {
    const origin = await newTlsOrigin();
    const http = newClient(gateway, { caCerts: pki.root.certificate, sslMaximumVersion: version });
    const { tls } = await http.request('GET', origin.url('/hello'));
    expect(tls).toEqual({
      version,
      cipher: expect.stringMatching(/^TLS_/),
      verified: true,
      resumed: false,
      peerCertificates: undefined,
    });
    const [request] = await origin.requests();
    expect(request?.tls).toMatchObject({ protocol: version, cipher: tls?.cipher });
  });

  test('has the certificates where they are asked for, also of a resumed session', async ({
    gateway,
    pki,
  }) => {
    const origin = await newTlsOrigin({ identity: pki.servers.viaIntermediate });
    const http = newClient(gateway, { caCerts: pki.root.certificate, peerCertificates: true });
    for (const resumed of [false, true]) {
      const { tls } = await http.request('GET', origin.url('/close'));
      expect(tls?.resumed).toBe(resumed);
      const fingerprints = await Promise.all((tls?.peerCertificates ?? []).map((der) => sha256(der.slice())));
      expect(fingerprints.slice(0, 2)).toEqual([
        pki.servers.viaIntermediate.fingerprints.sha256,
        pki.intermediate.fingerprints.sha256,
      ]);
    }
  });

  test('is not there without TLS', async ({ http, origin }) => {
    expect((await http.request('GET', origin.url('/hello'))).tls).toBeUndefined();
  });
});

describeTls('an origin is accepted', () => {
  type Options = (pki: Pki) => PoolManagerOptions;
  const root: Options = (pki) => ({ caCerts: pki.root.certificate });

  test.for<[why: string, server: keyof Pki['servers'], host: string, options: Options, verified: boolean]>([
    ['by its name', 'nameOnly', 'localhost', root, true],
    ['by its address', 'addressOnly', '127.0.0.1', root, true],
    ['with an RSA key', 'rsa', '127.0.0.1', root, true],
    ['through its intermediate', 'viaIntermediate', 'localhost', root, true],
    [
      'because it signed itself and is the bundle',
      'selfSigned',
      '127.0.0.1',
      (pki) => ({ caCerts: pki.servers.selfSigned.chain }),
      true,
    ],
    [
      'because its intermediate is the bundle',
      'missingIntermediate',
      '127.0.0.1',
      (pki) => ({ caCerts: pki.intermediate.certificate }),
      true,
    ],
    [
      'because it is the bundle',
      'unknownCa',
      '127.0.0.1',
      (pki) => ({ caCerts: pki.servers.unknownCa.chain }),
      true,
    ],
    [
      'by another name',
      'wrongHost',
      '127.0.0.1',
      (pki) => ({ ...root(pki), assertHostname: 'other.test' }),
      true,
    ],
    [
      'by another name, which is sent',
      'wildcard',
      '127.0.0.1',
      (pki) => ({ ...root(pki), serverHostname: 'a.wildcard.test' }),
      true,
    ],
    ['by no name', 'noSan', '127.0.0.1', (pki) => ({ ...root(pki), assertHostname: false }), true],
    [
      'by its SHA-256',
      'wrongHost',
      '127.0.0.1',
      (pki) => ({ ...root(pki), assertFingerprint: pki.servers.wrongHost.fingerprints.sha256 }),
      true,
    ],
    [
      'by its SHA-1, in capitals with colons',
      'wrongHost',
      '127.0.0.1',
      (pki) => ({
        ...root(pki),
        assertFingerprint: pki.servers.wrongHost.fingerprints.sha1
          .toUpperCase()
          .replaceAll(/..(?=.)/g, '$&:'),
      }),
      true,
    ],
    [
      'by its MD5 alone',
      'expired',
      '127.0.0.1',
      (pki) => ({ certReqs: 'CERT_NONE', assertFingerprint: pki.servers.expired.fingerprints.md5 }),
      true,
    ],
    ['unseen', 'expired', '127.0.0.1', () => ({ certReqs: 'CERT_NONE' }), false],
    [
      'whatever assertHostname says, with CERT_NONE',
      'good',
      '127.0.0.1',
      () => ({ certReqs: 'CERT_NONE', assertHostname: 'x.test' }),
      false,
    ],
    [
      'with CERT_OPTIONAL',
      'good',
      '127.0.0.1',
      (pki) => ({ ...root(pki), certReqs: 'CERT_OPTIONAL' }),
      false,
    ],
  ])('%s', async ([, server, host, options, verified], { gateway, pki }) => {
    const origin = await newTlsOrigin({ identity: pki.servers[server] });
    const http = newClient(gateway, options(pki));
    const response = await http.request('GET', origin.url('/hello', host));
    expect([response.status, response.tls?.verified]).toEqual([200, verified]);
    const fetched = await http.fetch(origin.url('/hello', host));
    expect(await fetched.text()).toBe('hello, world\n');
  });

  test('whose version is old, where that is asked for in so many words', async ({ gateway, pki }) => {
    const origin = await newTlsOrigin({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    const http = newClient(gateway, {
      caCerts: pki.root.certificate,
      sslMinimumVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    });
    expect((await http.request('GET', origin.url('/hello'))).tls?.version).toBe('TLSv1.1');
  });
});

describe('names', () => {
  test('are sent in SNI, addresses are not', async ({ gateway, pki }) => {
    const origin = await newTlsOrigin({ identities: { 'a.wildcard.test': pki.servers.wildcard } });
    const http = newClient(gateway, { caCerts: pki.root.certificate });
    await http.request('GET', origin.url('/hello', 'localhost'));
    await http.request('GET', origin.url('/hello'));
    await http.request('GET', origin.url('/hello'), { serverHostname: 'a.wildcard.test' });
    await http.request('GET', origin.url('/hello', 'localhost'), { assertHostname: 'origin.test' });
    await http.request('GET', origin.url('/hello', 'localhost'), { serverHostname: '127.0.0.1' });
    const seen = (await origin.requests()).map(({ tls }) => tls.serverName);
    expect(seen).toEqual(['localhost', null, 'a.wildcard.test', 'localhost', null]);
  });

  test('choose the pool, too: the Host of the request stays', async ({ gateway, pki }) => {
    const origin = await newTlsOrigin({ identities: { 'a.wildcard.test': pki.servers.wildcard } });
    const http = newClient(gateway, { caCerts: pki.root.certificate, serverHostname: 'a.wildcard.test' });
    const response = await http.request('POST', origin.url('/echo', 'localhost'), { body: 'x' });
    const { rawHeaders } = (await response.json()) as { rawHeaders: string[] };
    expect(rawHeaders).toContain(`localhost:${origin.port}`);
  });
});

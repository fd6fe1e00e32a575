import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { getCACertificates, type SecureVersion, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import type { FailureName, TlsSettings } from '@hip/wire';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TlsClient } from '../../src/connect/tls-client.ts';
import { type Issued, issue } from '../support/certificates.ts';
import { rawOrigin } from '../support/origins.ts';
import {
  failureOf,
  GOOD,
  OTHER_ROOT,
  only,
  presenting,
  ROOT,
  secure,
  secureAndRead,
  tlsClient,
  tlsServer,
  trusting,
} from '../support/tls-peers.ts';

const VERSIONS: SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];
const INTERMEDIATE = issue({ name: 'intermediate', issuer: ROOT, isAuthority: true });
const ALICE = issue({ name: 'alice', issuer: ROOT, purpose: 'client' });

function named(name: string, ...names: string[]): Issued {
  return issue({ name, issuer: ROOT, names });
}

function sha256(issued: Issued): string {
  return issued.x509.fingerprint256;
}

describe.each(VERSIONS)('with %s', (version) => {
  describe('a peer that is accepted', () => {
    test('has facts', async () => {
      const server = await tlsServer(only(version));
      const { socket, facts } = await secure(tlsClient(), server.port);
      expect(facts).toMatchObject({ version, isVerified: true, isResumed: false });
      expect(facts.cipher).toMatch(/^TLS_.*_WITH_|^TLS_AES_|^TLS_CHACHA20_/);
      expect(facts.peerCertificates.map((der) => Buffer.from(der))).toEqual([GOOD.x509.raw]);
      expect(String((await once(socket, 'data'))[0])).toBe('!');
    });

    test('shows its whole chain, also after its socket is gone', async () => {
      const own = issue({ name: 'own', issuer: INTERMEDIATE, names: ['origin.test'] });
      const server = await tlsServer({ ...only(version), ...presenting(own, INTERMEDIATE) });
      const { socket, facts } = await secure(tlsClient(), server.port);
      socket.destroy();
      await once(socket, 'close');
      expect(facts.peerCertificates.map((der) => Buffer.from(der))).toEqual([
        own.x509.raw,
        INTERMEDIATE.x509.raw,
      ]);
    });

    test.each<[why: string, server: Issued, settings: TlsSettings, host?: string]>([
      ['its address is in the certificate', GOOD, trusting(), '127.0.0.1'],
      ['a wildcard stands for one label', named('w', '*.wild.test'), trusting(), 'a.wild.test'],
      ['names are the same in any case', named('c', 'ORIGIN.test'), trusting(), 'origin.TEST'],
      ['a dot at the end of the host is not of the name', GOOD, trusting(), 'origin.test.'],
      ['its own certificate is the bundle', issue({ name: 's', names: ['origin.test'] }), {}, 'bundle'],
      [
        'a certificate of an authority nobody knows is the bundle',
        issue({ name: 's', issuer: OTHER_ROOT, names: ['origin.test'] }),
        {},
        'bundle',
      ],
      ['serverHostname names it', named('n', 'other.test'), trusting({ serverHostname: 'other.test' })],
      ['serverHostname is an address', GOOD, trusting({ serverHostname: '127.0.0.1' }), 'unknown.test'],
      ['assertHostname names it', named('n', 'other.test'), trusting({ assertHostname: 'other.test' })],
      [
        'assertHostname goes before serverHostname',
        GOOD,
        trusting({ assertHostname: 'origin.test', serverHostname: 'x.test' }),
      ],
      ['assertHostname is false', named('n', 'other.test'), trusting({ assertHostname: false })],
      ['its fingerprint is known, whatever its name', named('n', 'other.test'), trusting(), 'fingerprint'],
      [
        'its fingerprint goes before assertHostname',
        GOOD,
        trusting({ assertHostname: 'x.test' }),
        'fingerprint',
      ],
      ['nothing is required of it', issue({ name: 'n', days: [-9, -1] }), { certReqs: 'CERT_NONE' }],
      [
        'assertHostname counts for nothing with CERT_NONE',
        GOOD,
        { certReqs: 'CERT_NONE', assertHostname: 'x.test' },
      ],
      [
        'its fingerprint is enough with CERT_NONE',
        issue({ name: 'n' }),
        { certReqs: 'CERT_NONE' },
        'fingerprint',
      ],
    ])('because %s', async (_why, own, settings, host = 'origin.test') => {
      const server = await tlsServer({ ...only(version), ...presenting(own) });
      const more: TlsSettings =
        host === 'bundle'
          ? { caCerts: own.certificate }
          : host === 'fingerprint'
            ? { assertFingerprint: sha256(own) }
            : {};
      const client = tlsClient({ ...settings, ...more });
      const asked = host === 'bundle' || host === 'fingerprint' ? 'origin.test' : host;
      const { facts } = await secure(client, server.port, { host: asked });
      const isVerified = settings.certReqs === undefined || host === 'fingerprint';
      expect(facts.isVerified).toBe(isVerified);
    });

    test('is as good as required with CERT_OPTIONAL, but does not count as verified', async () => {
      const server = await tlsServer(only(version));
      const { facts } = await secure(tlsClient(trusting({ certReqs: 'CERT_OPTIONAL' })), server.port);
      expect(facts.isVerified).toBe(false);
    });

    test.each([
      ['md5', (own: Issued) => own.x509.raw],
      ['sha1', (own: Issued) => own.x509.raw],
    ])('has a fingerprint in %s', async (digest, bytes) => {
      const { createHash } = await import('node:crypto');
      const assertFingerprint = createHash(digest).update(bytes(GOOD)).digest('hex').toUpperCase();
      const server = await tlsServer(only(version));
      await secure(tlsClient(trusting({ assertFingerprint })), server.port, { host: 'x.test' });
    });
  });

  describe('a peer that is refused', () => {
    const viaIntermediate = issue({ name: 'via', issuer: INTERMEDIATE, names: ['origin.test'] });
    const expired = issue({ name: 'expired', issuer: ROOT, names: ['origin.test'], days: [-9, -2] });
    const early = issue({ name: 'early', issuer: ROOT, names: ['origin.test'], days: [2, 9] });
    const oldAuthority = issue({ name: 'old authority', issuer: ROOT, isAuthority: true, days: [-9, -2] });
    const ofOldAuthority = issue({ name: 'o', issuer: oldAuthority, names: ['origin.test'] });
    const noAuthority = issue({ name: 'no authority', issuer: ROOT });

    test.each<
      [why: string, chain: [Issued, ...Issued[]], settings: TlsSettings, words: string[], host?: string]
    >([
      [
        'signed by itself',
        [issue({ name: 's', names: ['origin.test'] })],
        {},
        ['is self-signed', 'caCerts', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      ],
      [
        'of an authority nobody knows',
        [issue({ name: 's', issuer: OTHER_ROOT, names: ['origin.test'] })],
        {},
        [
          "issued by 'CN=other root'",
          'neither trusted nor sent',
          'caCerts',
          'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        ],
      ],
      [
        'of an authority nobody knows that is sent along',
        [issue({ name: 's', issuer: OTHER_ROOT, names: ['origin.test'] }), OTHER_ROOT],
        {},
        ["authority 'CN=other root', which is not trusted", 'SELF_SIGNED_CERT_IN_CHAIN'],
      ],
      [
        'without its intermediate',
        [viaIntermediate],
        {},
        ["issued by 'CN=intermediate'", 'the server has to send it', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
      ],
      [
        'of an intermediate whose authority nobody knows',
        [viaIntermediate, INTERMEDIATE],
        { caCerts: OTHER_ROOT.certificate },
        [
          "'CN=intermediate', an authority of the certificate, was issued by 'CN=root'",
          'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        ],
      ],
      [
        'expired',
        [expired],
        {},
        [`the certificate has expired at ${expired.x509.validToDate.toISOString()}`, 'CERT_HAS_EXPIRED'],
      ],
      [
        'of an expired authority',
        [ofOldAuthority, oldAuthority],
        {},
        [
          `'CN=old authority', an authority of the certificate, has expired at ${oldAuthority.x509.validToDate.toISOString()}`,
        ],
      ],
      [
        'not yet valid',
        [early],
        {},
        [
          `the certificate is not yet valid before ${early.x509.validFromDate.toISOString()}`,
          'CERT_NOT_YET_VALID',
        ],
      ],
      [
        'for clients only',
        [issue({ name: 'c', issuer: ROOT, names: ['origin.test'], purpose: 'client' })],
        {},
        ['not one for servers', 'INVALID_PURPOSE'],
      ],
      [
        'of somebody who is no authority',
        [issue({ name: 'x', issuer: noAuthority, names: ['origin.test'] }), noAuthority],
        {},
        ['signed by one that is no authority'],
      ],
      [
        'for another name',
        [named('n', 'other.test')],
        {},
        ["hostname 'origin.test' doesn't match 'other.test'", 'assertHostname'],
      ],
      [
        'for other names',
        [named('n', 'other.test', '10.0.0.1')],
        {},
        ["hostname 'origin.test' doesn't match either of 'other.test', '10.0.0.1'"],
      ],
      [
        'for a common name alone',
        [issue({ name: 'origin.test', issuer: ROOT })],
        {},
        ['no subjectAltName, and a common name does not count'],
      ],
      [
        'for a name that looks like the address',
        [named('n', '127.0.0.1x', 'localhost')],
        {},
        ["IP address '127.0.0.1' doesn't match either of '127.0.0.1x', 'localhost'"],
        '127.0.0.1',
      ],
      [
        'for an address and not the name',
        [named('n', '127.0.0.1')],
        {},
        ["hostname 'origin.test' doesn't match '127.0.0.1'"],
      ],
      [
        'for a wildcard one label above',
        [named('w', '*.test')],
        {},
        ["hostname 'a.b.test' doesn't match '*.test'"],
        'a.b.test',
      ],
      [
        'for a wildcard beside letters',
        [named('w', 'o*.wild.test')],
        {},
        ["'origin.wild.test' doesn't match"],
        'origin.wild.test',
      ],
      [
        'for a wildcard that is not the first label',
        [named('w', 'origin.*.test')],
        {},
        ["doesn't match"],
        'origin.wild.test',
      ],
      [
        'for a name with something behind a zero',
        [named('z', 'origin.test\0.evil.test')],
        {},
        ["doesn't match"],
      ],
      [
        'not what serverHostname says',
        [GOOD],
        { serverHostname: 'x.test' },
        ["hostname 'x.test' doesn't match"],
      ],
      [
        'not what assertHostname says',
        [GOOD],
        { assertHostname: 'x.test' },
        ["hostname 'x.test' doesn't match"],
      ],
      [
        'not what assertHostname says, an address',
        [GOOD],
        { assertHostname: '127.0.0.2' },
        ["IP address '127.0.0.2' doesn't match"],
      ],
      [
        'without the fingerprint',
        [GOOD],
        { assertFingerprint: 'ab'.repeat(32) },
        [
          'Fingerprints did not match. Expected "abab',
          `got "${sha256(GOOD).replaceAll(':', '').toLowerCase()}"`,
        ],
      ],
      [
        'without the fingerprint, though nothing is required',
        [GOOD],
        { certReqs: 'CERT_NONE', assertFingerprint: 'ab'.repeat(16) },
        ['Fingerprints did not match'],
      ],
      [
        'with the fingerprint, of an authority nobody knows',
        [GOOD],
        { caCerts: OTHER_ROOT.certificate, assertFingerprint: sha256(GOOD) },
        ['neither trusted nor sent'],
      ],
      ['expired, with CERT_OPTIONAL', [expired], { certReqs: 'CERT_OPTIONAL' }, ['has expired']],
      [
        'for another name, with CERT_OPTIONAL',
        [named('n', 'other.test')],
        { certReqs: 'CERT_OPTIONAL' },
        ["doesn't match 'other.test'"],
      ],
    ])('is %s', async (_why, [own, ...above], settings, words, host = 'origin.test') => {
      const server = await tlsServer({ ...only(version), ...presenting(own, ...above) });
      const failure = await failureOf(secure(tlsClient(trusting(settings)), server.port, { host }));
      expect(failure.name).toBe('tls_certificate_error');
      expect(failure.detail).toContain(`${host}:${server.port}: `);
      for (const each of words) expect(failure.detail).toContain(each);
      expect(failure.detail.length).toBeLessThan(500);
    });

    test('gets not a byte, and its connection is closed', async () => {
      const server = await tlsServer({ ...only(version), ...presenting(expired) });
      await failureOf(secure(tlsClient(), server.port));
      // The handshake is done as far as the server knows, or it was cut off in it: either way nothing follows.
      const received: Buffer[] = [];
      for (const socket of server.accepted) {
        socket.on('data', (bytes: Buffer) => received.push(bytes));
        if (!socket.closed) await once(socket, 'close');
      }
      expect(received).toEqual([]);
    });
  });

  test('a name goes into SNI, an address does not', async () => {
    const server = await tlsServer(only(version));
    const none = { certReqs: 'CERT_NONE' };
    await secureAndRead(tlsClient(none), server.port, { host: 'origin.test.' });
    await secureAndRead(tlsClient(none), server.port, { host: '127.0.0.1' });
    await secureAndRead(tlsClient(none), server.port, { host: '::1' });
    await secureAndRead(tlsClient({ ...none, serverHostname: 'x.test' }), server.port);
    await secureAndRead(tlsClient({ ...none, serverHostname: '10.0.0.1' }), server.port);
    await secureAndRead(tlsClient({ ...none, assertHostname: 'x.test' }), server.port);
    const asked = server.accepted.map((socket) => (socket as TLSSocket & { servername: unknown }).servername);
    expect(asked).toEqual(['origin.test', false, false, 'x.test', false, 'origin.test']);
  });

  test('the client shows its certificate, with the key in one file or two', async () => {
    const server = await tlsServer({ ...only(version), requestCert: true, ca: ROOT.certificate });
    const carol = issue({ name: 'carol', issuer: INTERMEDIATE, purpose: 'client' });
    await secureAndRead(
      tlsClient(trusting({ certFile: ALICE.certificate, keyFile: ALICE.key })),
      server.port,
    );
    const both = `${carol.key}\n${carol.certificate}${INTERMEDIATE.certificate}`;
    await secureAndRead(tlsClient(trusting({ certFile: both })), server.port);
    expect(
      server.accepted.map((socket) => [socket.getPeerCertificate().subject.CN, socket.authorized]),
    ).toEqual([
      ['alice', true],
      ['carol', true],
    ]);
  });

  test("the client shows the operator's certificate", async () => {
    const server = await tlsServer({
      ...only(version),
      requestCert: true,
      ca: ROOT.certificate,
      rejectUnauthorized: false,
    });
    const identity = { cert: ALICE.certificate, key: ALICE.key };
    await secureAndRead(new TlsClient({ settings: trusting({ identity: 'shop' }), identity }), server.port);
    // An identity that the settings do not name is not used.
    await secureAndRead(new TlsClient({ settings: trusting(), identity }), server.port);
    expect(server.accepted.map((socket) => socket.getPeerCertificate().subject?.CN)).toEqual([
      'alice',
      undefined,
    ]);
  });
});

describe('whom the client trusts without a bundle', () => {
  test("is whom Node's list names", async () => {
    const server = await tlsServer();
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, ROOT.certificate]);
    onTestFinished(() => setDefaultCACertificates(before));
    // A certificate among the settings keeps it from sharing the context that other tests have made.
    const settings = { certFile: ALICE.certificate, keyFile: ALICE.key };
    await secure(new TlsClient({ settings }), server.port);
    const bundle = { ...settings, caCerts: OTHER_ROOT.certificate };
    expect((await failureOf(secure(new TlsClient({ settings: bundle }), server.port))).name).toBe(
      'tls_certificate_error',
    );
  });

  test('is whom the operator says, and the bundle replaces that', async () => {
    const server = await tlsServer();
    const trust = [ROOT.certificate];
    await secure(new TlsClient({ settings: {}, trust }), server.port);
    await secure(new TlsClient({ settings: { ciphers: 'DEFAULT' }, trust }), server.port);
    const bundle = { caCerts: OTHER_ROOT.certificate };
    const refused = await failureOf(secure(new TlsClient({ settings: bundle, trust }), server.port));
    expect(refused.detail).toContain('neither trusted nor sent');
    const others = new TlsClient({ settings: {}, trust: [OTHER_ROOT.certificate] });
    expect((await failureOf(secure(others, server.port))).name).toBe('tls_certificate_error');
  });

  test('is nobody that a client certificate came with', async () => {
    const server = await tlsServer();
    const certFile = `${ALICE.certificate}${ROOT.certificate}`;
    const client = new TlsClient({
      settings: { certFile, keyFile: ALICE.key, caCerts: OTHER_ROOT.certificate },
    });
    expect((await failureOf(secure(client, server.port))).name).toBe('tls_certificate_error');
  });

  test('is decided here, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    const server = await tlsServer();
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    });
    expect((await failureOf(secure(tlsClient({}), server.port))).name).toBe('tls_certificate_error');
  });
});

describe('protocols', () => {
  test.each<[settings: TlsSettings, seen: string[] | undefined]>([
    [{}, ['http/1.1']],
    [{ alpnProtocols: [] }, undefined],
    [{ alpnProtocols: ['x/1', 'http/1.1'] }, ['x/1', 'http/1.1']],
  ])('%j are offered as %j', async (settings, seen) => {
    let offered: string[] | undefined;
    const server = await tlsServer({
      ALPNCallback: ({ protocols }) => {
        offered = protocols;
        return 'http/1.1';
      },
    });
    await secureAndRead(tlsClient(trusting(settings)), server.port);
    expect(offered).toEqual(seen);
  });

  test('one that the gateway does not speak is a failure', async () => {
    const server = await tlsServer({ ALPNProtocols: ['x/1'] });
    const failure = await failureOf(
      secure(tlsClient(trusting({ alpnProtocols: ['x/1', 'http/1.1'] })), server.port),
    );
    expect(failure).toEqual({
      name: 'tls_protocol_error',
      detail: `origin.test:${server.port}: it chose the protocol "x/1", the gateway speaks http/1.1 (alpnProtocols)`,
    });
  });
});

describe('versions and ciphers', () => {
  test.each<[TlsSettings, string, string]>([
    [{}, 'TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
    [{ sslMaximumVersion: 'TLSv1.2' }, 'TLSv1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
    [{ sslMinimumVersion: 'TLSv1.3' }, 'TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
    // As in OpenSSL, a list that names no suite of TLS 1.3 says nothing of it.
    [{ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }, 'TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
    [
      { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', sslMaximumVersion: 'TLSv1.2' },
      'TLSv1.2',
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    ],
    [{ ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }, 'TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256'],
  ])('%j: %s, %s', async (settings, version, cipher) => {
    const server = await tlsServer();
    const { facts } = await secure(tlsClient(trusting(settings)), server.port);
    expect([facts.version, facts.cipher]).toEqual([version, cipher]);
  });

  test('old ones, if they are asked for in so many words', async () => {
    const ciphers = 'DEFAULT:@SECLEVEL=0';
    const server = await tlsServer({ ...only('TLSv1'), ciphers });
    const { facts } = await secure(tlsClient(trusting({ sslMinimumVersion: 'TLSv1', ciphers })), server.port);
    expect(facts.version).toBe('TLSv1');
  });

  test.each<[SecureVersion, TlsSettings, FailureName, string]>([
    [
      'TLSv1.2',
      { sslMinimumVersion: 'TLSv1.3' },
      'tls_alert_received',
      'no version of TLS is common to both: see sslMinimumVersion and sslMaximumVersion (ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION)',
    ],
    [
      'TLSv1.3',
      { sslMaximumVersion: 'TLSv1.2' },
      'tls_alert_received',
      'no version of TLS is common to both',
    ],
    [
      'TLSv1.2',
      { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
      'tls_alert_received',
      'accepts none of the ciphers offered',
    ],
    [
      'TLSv1.2',
      { ciphers: 'TLS_AES_256_GCM_SHA384', sslMaximumVersion: 'TLSv1.2' },
      'tls_protocol_error',
      'ciphers has none for the versions',
    ],
  ])('a server of %s, and %j', async (version, settings, name, words) => {
    const server = await tlsServer(only(version));
    const failure = await failureOf(secure(tlsClient(trusting(settings)), server.port));
    expect(failure.name).toBe(name);
    expect(failure.detail).toContain(words);
  });
});

describe('a server that asks for a client certificate', () => {
  const asking = { requestCert: true, ca: ROOT.certificate };

  test('in the handshake', async () => {
    const server = await tlsServer({ ...only('TLSv1.2'), ...asking });
    const failure = await failureOf(secure(tlsClient(), server.port));
    expect(failure.name).toBe('tls_alert_received');
    expect(failure.detail).toContain(
      'it requires a client certificate (certFile and keyFile, pfx or identity)',
    );
  });

  test('after it', async () => {
    const server = await tlsServer({ ...only('TLSv1.3'), ...asking });
    const { socket } = await secure(tlsClient(), server.port);
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
  });
});

describe('what does not speak TLS', () => {
  const http = Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  test.each<[what: string, start: (socket: import('node:net').Socket) => void, words: string]>([
    [
      'a plain HTTP server',
      (socket) => socket.once('data', () => socket.end(http)),
      'the port does not speak TLS: most likely it speaks plain HTTP (http://) (ERR_SSL_WRONG_VERSION_NUMBER)',
    ],
    [
      'a server that greets',
      (socket) => void socket.write('220 mail.test ESMTP\r\n'),
      'the port does not speak TLS',
    ],
    [
      'one that hangs up',
      (socket) => void socket.end(),
      'it closed the connection in the TLS handshake: perhaps it does not speak TLS (http://) (ECONNRESET)',
    ],
    [
      'one that hangs up after the first message',
      (socket) => socket.once('data', () => socket.end()),
      'it closed the connection in the TLS handshake',
    ],
    [
      'one that resets',
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      'it closed the connection in the TLS handshake: perhaps it does not speak TLS (http://) (ECONNRESET)',
    ],
  ])('%s', async (_what, start, words) => {
    const origin = await rawOrigin(start);
    const failure = await failureOf(secure(tlsClient(), origin.port));
    expect(failure.name).toBe('tls_protocol_error');
    expect(failure.detail).toContain(`origin.test:${origin.port}: ${words}`);
  });

  test('one that has hung up before the handshake', async () => {
    const origin = await rawOrigin((socket) => void socket.end());
    const tcp = connectTcp(origin.port, '127.0.0.1');
    tcp.resume();
    await once(tcp, 'close');
    const attempt = tlsClient().connect(tcp, { host: 'h', port: 1, signal: new AbortController().signal });
    expect((await failureOf(attempt)).detail).toContain('it closed the connection');
  });
});

describe('giving up', () => {
  test('before the handshake', async () => {
    const origin = await rawOrigin(() => {});
    const attempt = secure(tlsClient(), origin.port, { signal: AbortSignal.abort(new Error('gone')) });
    await expect(attempt).rejects.toThrow('gone');
    expect(origin.sockets.length).toBe(1);
    const [socket] = origin.sockets;
    socket?.resume();
    if (socket?.closed === false) await once(socket, 'close');
  });

  test('in the handshake', async () => {
    const controller = new AbortController();
    const origin = await rawOrigin((socket) => {
      socket.resume();
      socket.once('data', () => controller.abort(new Error('gone')));
    });
    await expect(secure(tlsClient(), origin.port, { signal: controller.signal })).rejects.toThrow('gone');
    const [socket] = origin.sockets;
    if (socket?.closed === false) await once(socket, 'close');
  });
});

test('TLS inside TLS', async () => {
  const inner = await tlsServer();
  const outer = await tlsServer({ ...presenting(named('outer', 'proxy.test')) });
  const { socket: toProxy } = await secureAndRead(tlsClient(), outer.port, { host: 'proxy.test' });
  const tcp = connectTcp(inner.port, '127.0.0.1');
  onTestFinished(() => void tcp.destroy());
  const [fromClient] = outer.accepted as [TLSSocket];
  fromClient.pipe(tcp).pipe(fromClient);
  const signal = new AbortController().signal;
  const { socket, facts } = await tlsClient().connect(toProxy, {
    host: 'origin.test',
    port: inner.port,
    signal,
  });
  expect(facts.isVerified).toBe(true);
  expect(String((await once(socket, 'data'))[0])).toBe('!');
});

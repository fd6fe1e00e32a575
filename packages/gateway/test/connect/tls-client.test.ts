import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { getCACertificates, type SecureVersion, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import type { TlsSettings } from '@hip/wire';
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

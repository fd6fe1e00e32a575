import { constants, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type SecureVersion } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TlsClient } from '../../src/connect/tls-client.ts';
import { issue } from '../support/certificates.ts';
import {
  failureOf,
  GOOD,
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
const ALICE = issue({ name: 'alice', issuer: ROOT, purpose: 'client' });
const BOB = issue({ name: 'bob', issuer: ROOT, purpose: 'client' });

describe.each(VERSIONS)('with %s', (version) => {
  test('the next handshake resumes, and knows all that the first one knew', async () => {
    const server = await tlsServer(only(version));
    const client = tlsClient();
    const { facts: first } = await secureAndRead(client, server.port);
    const { facts: second } = await secureAndRead(client, server.port);
    const { facts: third } = await secureAndRead(client, server.port);
    expect(server.resumed).toEqual([false, true, true]);
    expect([first.isResumed, second.isResumed, third.isResumed]).toEqual([false, true, true]);
    for (const facts of [second, third]) {
      expect(facts).toMatchObject({ version, cipher: first.cipher, isVerified: true });
      expect(facts.peerCertificates).toEqual([GOOD.x509.raw]);
    }
  });

  test('no session goes to another client, another host or another port', async () => {
    const server = await tlsServer(only(version));
    const other = await tlsServer({ ...only(version), ticketKeys: randomBytes(48) });
    const client = tlsClient();
    await secureAndRead(client, server.port);
    await secureAndRead(tlsClient(), server.port);
    await secureAndRead(client, server.port, { host: '127.0.0.1' });
    await secureAndRead(client, other.port);
    expect(server.resumed).toEqual([false, false, false]);
    expect(other.resumed).toEqual([false]);
  });

  test('clients without settings share what costs time to make, and no session', async () => {
    const server = await tlsServer(only(version));
    const trust = [ROOT.certificate];
    const clients = [new TlsClient({ settings: {}, trust }), new TlsClient({ settings: {}, trust })];
    for (const client of [...clients, ...clients]) await secureAndRead(client, server.port);
    expect(server.resumed).toEqual([false, false, true, true]);
  });

  test('each client certificate has its own sessions, which stay its own', async () => {
    const server = await tlsServer({ ...only(version), requestCert: true, ca: ROOT.certificate });
    const clients = [ALICE, BOB].map(({ certificate, key }) =>
      tlsClient(trusting({ certFile: certificate, keyFile: key })),
    );
    await Promise.all([...clients, ...clients].map((client) => secureAndRead(client, server.port)));
    for (const client of clients) await secureAndRead(client, server.port);
    const seen = server.accepted.map((socket) => [
      socket.getPeerCertificate().subject?.CN,
      socket.isSessionReused(),
    ]);
    expect(seen.slice(0, 4).toSorted()).toEqual([
      ['alice', false],
      ['alice', false],
      ['bob', false],
      ['bob', false],
    ]);
    expect(seen.slice(4)).toEqual([
      ['alice', true],
      ['bob', true],
    ]);
  });

  test('a server that has forgotten the session gets a full handshake', async () => {
    const server = createServer({ ...presenting(GOOD), ...only(version) }, (socket) => {
      socket.on('error', () => {});
      socket.write('!');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = tlsClient();
    await secureAndRead(client, port);
    server.setTicketKeys(randomBytes(48));
    const { facts } = await secureAndRead(client, port);
    expect(facts).toMatchObject({ isResumed: false, isVerified: true });
  });

  test('a peer that is refused leaves no session behind', async () => {
    const other = issue({ name: 'other', issuer: ROOT, names: ['other.test'] });
    const server = await tlsServer({ ...only(version), ...presenting(other) });
    const client = tlsClient();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      // A session would come without the certificate that holds the name.
      expect((await failureOf(secure(client, server.port))).detail).toContain("doesn't match 'other.test'");
    }
    expect(server.resumed).not.toContain(true);
  });

  test('what was not verified is not verified by resuming it', async () => {
    const server = await tlsServer(only(version));
    const client = tlsClient({ certReqs: 'CERT_NONE' });
    await secureAndRead(client, server.port);
    const { facts } = await secureAndRead(client, server.port);
    expect(facts).toMatchObject({ isResumed: true, isVerified: false });
  });
});

test('where resuming breaks the handshake, the next one is a full one', async () => {
  let resumptions = 0;
  const server = createServer({
    ...presenting(GOOD),
    ...only('TLSv1.2'),
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  server.on('newSession', (_id, _data, done) => done());
  server.on('resumeSession', (_id, done) => {
    resumptions += 1;
    done(new Error('broken'), null);
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    socket.write('!');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  // One that offers TLS 1.3 sends a session's identifier in any case (RFC 8446 appendix D.4).
  const client = tlsClient(trusting({ sslMaximumVersion: 'TLSv1.2' }));
  await secureAndRead(client, port);
  expect((await failureOf(secure(client, port))).name).toBe('tls_protocol_error');
  const { facts } = await secureAndRead(client, port);
  expect([facts.isResumed, resumptions]).toEqual([false, 1]);
});

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContextOptions } from 'node:tls';
import { expect } from 'vitest';
import { sha256 } from '../support/content.ts';
import { eventually } from '../support/eventually.ts';
import {
  describeWith,
  newNginx,
  newSocks,
  newSquid,
  newTlsOrigin,
  test as plainTest,
} from '../support/fixtures.ts';
import { Squid, TlsOrigin } from '../support/peers/handles.ts';
import type { ClientName, Pki, ServerCertificateName } from '../support/peers/peer-api.ts';
import { forward, type PlainAnswer, send, socksConnect, tunnel } from '../support/peers/plain-client.ts';

// The servers and proxies that other tests run against, with Node's own clients and no gateway: what they are for, they do.

const describePki = await describeWith('openssl');
const describeNginx = await describeWith('nginx', 'openssl');
const describeSquid = await describeWith('squid', 'openssl');
const describeMicrosocks = await describeWith('microsocks');
const describeDante = await describeWith('danted');
const describeSsh = await describeWith('ssh', 'ssh-keygen', 'sshd');

/** With servers that the tests of this file share. */
const test = plainTest
  .extend('secureOrigin', { scope: 'file' }, async ({}, { onCleanup }): Promise<TlsOrigin> => {
    const secureOrigin = await TlsOrigin.start();
    onCleanup(() => secureOrigin.stop());
    return secureOrigin;
  })
  .extend('squid', { scope: 'file' }, async ({ pki }, { onCleanup }): Promise<Squid> => {
    const squid = await Squid.start({
      tls: { identity: pki.servers.second },
      hosts: { 'origin.test': '127.0.0.1' },
    });
    onCleanup(() => squid.stop());
    return squid;
  });

/**
 * What Node's client, which trusts the root, has against each certificate, at 127.0.0.1 unless a host is given. Where a
 * certificate has no name it goes by the CN.
 */
const VERDICTS: Record<ServerCertificateName, string | [host: string, verdict: string][]> = {
  good: 'accepted',
  second: 'accepted',
  rsa: 'accepted',
  viaIntermediate: 'accepted',
  addressOnly: [
    ['127.0.0.1', 'accepted'],
    ['origin.test', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ],
  nameOnly: [
    ['localhost', 'accepted'],
    ['127.0.0.1', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ],
  wildcard: [
    ['a.wildcard.test', 'accepted'],
    ['a.b.wildcard.test', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ],
  wrongHost: 'ERR_TLS_CERT_ALTNAME_INVALID',
  noSan: [
    ['127.0.0.1', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['localhost', 'accepted'],
  ],
  expired: 'CERT_HAS_EXPIRED',
  notYetValid: 'CERT_NOT_YET_VALID',
  selfSigned: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  unknownCa: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  missingIntermediate: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  clientPurpose: 'INVALID_PURPOSE',
};

describePki('certificates', () => {
  test.for(Object.entries(VERDICTS))('%s', async ([name, expected], { pki }) => {
    const origin = await newTlsOrigin({ identity: pki.servers[name as ServerCertificateName] });
    const verdicts = typeof expected === 'string' ? [['127.0.0.1', expected]] : expected;
    for (const [host = '', verdict] of verdicts) {
      expect(await verdictOf(origin.port, host, pki.root.certificate), host).toBe(verdict);
    }
  });

  test('the fingerprints are those of the certificate that a client sees', async ({ pki }) => {
    const { chain, fingerprints } = pki.servers.viaIntermediate;
    const { fingerprint, fingerprint256, raw } = new X509Certificate(chain);
    expect(fingerprints.sha1).toBe(fingerprint.replaceAll(':', '').toLowerCase());
    expect(fingerprints.sha256).toBe(fingerprint256.replaceAll(':', '').toLowerCase());
    expect(await sha256(new Uint8Array(raw))).toBe(fingerprints.sha256);
    expect(fingerprints.md5).toMatch(/^[0-9a-f]{32}$/);
  });

  test("a client key is the same in every form, and another client's does not match", ({ pki }) => {
    const { password: passphrase } = pki;
    for (const [name, client] of Object.entries(pki.clients)) {
      const pfx = Buffer.from(client.pfx, 'base64');
      const opens = (options: SecureContextOptions): void => void createSecureContext(options);
      const key = createPrivateKey(client.key);
      expect(new X509Certificate(client.chain).subject).toBe(`CN=${name}`);
      expect(createPrivateKey(client.traditionalKey).equals(key)).toBe(true);
      for (const encrypted of [client.encryptedKey, client.encryptedTraditionalKey]) {
        expect(encrypted).toContain('ENCRYPTED');
        expect(createPrivateKey({ key: encrypted, passphrase }).equals(key)).toBe(true);
      }
      expect(client.encryptedKey).toContain('-----BEGIN ENCRYPTED PRIVATE KEY-----');
      expect(client.encryptedTraditionalKey).toContain('Proc-Type: 4,ENCRYPTED');
      opens({ pfx, passphrase });
      expect(() => opens({ pfx })).toThrow('mac verify failure');
      opens({ pfx: Buffer.from(client.pfxWithoutPassword, 'base64') });
    }
    const { alice, bob } = pki.clients;
    expect(() => createSecureContext({ cert: alice.chain, key: bob.key })).toThrow('key values mismatch');
  });
});

describePki('an HTTPS origin', () => {
  test('tells handshakes, sessions and client certificates apart', async ({ pki }) => {
    const origin = await newTlsOrigin({ clientCertificates: 'optional' });
    const url = origin.url('/hello', 'localhost');
    const agent = new Agent({ keepAlive: false });
    await send(url, { ...as(pki, 'alice'), agent });
    await send(url, { ...as(pki, 'alice'), agent });
    await send(url, as(pki, 'mallory'));
    await send(url, as(pki));
    const counts = await origin.counts();
    expect(counts).toMatchObject({
      tcpConnections: 4,
      handshakes: 4,
      resumedHandshakes: 1,
      handshakeErrors: [],
    });
    expect(counts.requests.map(({ tls }) => tls)).toMatchObject([
      { clientName: 'alice', isClientAuthorized: true, isSessionReused: false, serverName: 'localhost' },
      { clientName: 'alice', isClientAuthorized: true, isSessionReused: true, serverName: 'localhost' },
      { clientName: 'mallory', isClientAuthorized: false, isSessionReused: false, protocol: 'TLSv1.3' },
      { clientName: null, clientFingerprint: null, isClientAuthorized: false, alpnProtocol: null },
    ]);
    expect(counts.requests[0]?.tls.clientFingerprint).toBe(pki.clients.alice.fingerprints.sha256);
  });

  test('insists on a certificate with an alert, and speaks the versions it is told to', async ({ pki }) => {
    const origin = await newTlsOrigin({ clientCertificates: 'required', maxVersion: 'TLSv1.2' });
    const url = origin.url('/hello');
    expect(await send(url, as(pki, 'alice'))).toMatchObject({ status: 200 });
    await expect(send(url, as(pki))).rejects.toThrow('alert handshake failure');
    expect((await origin.requests())[0]?.tls.protocol).toBe('TLSv1.2');
  });

  test('chooses a certificate by the name that is asked for', async ({ pki }) => {
    const origin = await newTlsOrigin({ identities: { 'a.wildcard.test': pki.servers.wildcard } });
    expect(await verdictOf(origin.port, 'a.wildcard.test', pki.root.certificate)).toBe('accepted');
    expect(await verdictOf(origin.port, 'localhost', pki.root.certificate)).toBe('accepted');
  });
});

describeNginx('nginx', () => {
  test.for(['TLSv1.2', 'TLSv1.3'] as const)(
    'logs who sent each request, over %s',
    async (protocol, { pki }) => {
      const nginx = await newNginx({ clientCertificates: 'required', protocols: [protocol] });
      const url = nginx.url('/', 'localhost');
      const agent = new Agent({ keepAlive: false });
      await send(url, { ...as(pki, 'alice'), agent });
      const alice = await send(url, { ...as(pki, 'alice'), agent });
      expect(JSON.parse(alice.body)).toEqual({
        clientVerify: 'SUCCESS',
        clientSubject: 'CN=alice',
        isSessionReused: true,
        protocol,
        cipher: expect.any(String),
        serverName: 'localhost',
      });
      expect(await send(url, as(pki, 'carol'))).toMatchObject({ status: 200 });
      expect(await send(url, as(pki, 'mallory'))).toMatchObject({ status: 400 });
      expect(await send(nginx.url('/'), as(pki))).toMatchObject({ status: 400 });
      const alices = { requestOfConnection: 1, status: 200, clientSubject: 'CN=alice' };
      expect(await nginx.log()).toMatchObject([
        { ...alices, connection: 1, isSessionReused: false },
        { ...alices, connection: 2, isSessionReused: true },
        { connection: 3, clientVerify: 'SUCCESS', clientSubject: 'CN=carol', isSessionReused: false },
        { connection: 4, clientVerify: expect.stringMatching(/^FAILED:/), clientSubject: 'CN=mallory' },
        {
          connection: 5,
          clientVerify: 'NONE',
          clientSubject: null,
          clientFingerprint: null,
          serverName: null,
        },
      ]);
      expect((await nginx.log())[0]?.clientFingerprint).toBe(pki.clients.alice.fingerprints.sha1);
    },
  );

  test('resumes no session when it is told not to, and serves a large body', async ({ pki }) => {
    const nginx = await newNginx({ sessionResumption: false, protocols: ['TLSv1.2'] });
    const agent = new Agent({ keepAlive: false });
    const url = nginx.url('/large', 'localhost');
    for (let i = 0; i < 2; i++) expect(await send(url, { ...as(pki), agent })).toMatchObject({ status: 200 });
    const each = { target: '/large', isSessionReused: false };
    expect(await nginx.log()).toMatchObject([each, each]);
  });
});

describeSquid('squid', () => {
  test('forwards, and says what head it got', async ({ squid, origin }) => {
    const url = `http://origin.test:${origin.port}/echo`;
    const answer = await forward(squid.url, url, { headers: { 'X-Seen': 'caf\u00e9' } });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).rawHeaders.join('|')).toMatch(
      /Via\|1\.1 squid\.test .*X-Forwarded-For\|127/,
    );
    const request = (await squid.requests()).at(-1);
    expect(request).toMatchObject({ method: 'GET', target: url, httpVersion: '1.1', isTls: false });
    expect(request?.rawHeaders.join('|')).toContain('X-Seen|caf\u00e9');
    const access = { method: 'GET', target: url, user: null, status: 200, peerAddress: '127.0.0.1' };
    await eventually(async () =>
      expect((await squid.log()).finished).toContainEqual({ ...access, result: 'TCP_MISS' }),
    );
  });

  test('opens tunnels, and logs each at once and again at its end', async ({ squid, secureOrigin, pki }) => {
    const target = `origin.test:${secureOrigin.port}`;
    const { status, socket } = await tunnel(squid.url, target, { headers: { 'X-For-Proxy': 'yes' } });
    expect(status).toBe(200);
    const answer = await overTls(socket, secureOrigin.url('/hello', 'localhost'), pki);
    expect(answer).toEqual({ status: 200, body: 'hello, world\n' });
    const seen = (await squid.requests()).filter((request) => request.target === target);
    expect(seen).toMatchObject([
      { method: 'CONNECT', rawHeaders: expect.arrayContaining(['X-For-Proxy', 'yes']) },
    ]);
    socket.destroy();
    await eventually(async () =>
      expect((await squid.log()).finished).toContainEqual(
        expect.objectContaining({ method: 'CONNECT', target, status: 200, result: 'TCP_TUNNEL' }),
      ),
    );
  });

  test('does both over TLS', async ({ squid, origin, secureOrigin, pki }) => {
    const trust = { ca: pki.root.certificate };
    const forwarded = await forward(squid.tlsUrl(), origin.url('/hello'), trust);
    expect(forwarded).toEqual({ status: 200, body: 'hello, world\n' });
    const { status, socket } = await tunnel(squid.tlsUrl(), `127.0.0.1:${secureOrigin.port}`, trust);
    expect(status).toBe(200);
    const answer = await overTls(socket, secureOrigin.url('/bytes/3000000'), pki);
    expect(answer.status).toBe(200);
    expect((await squid.requests()).filter(({ isTls }) => isTls)).toMatchObject([
      { method: 'GET', target: origin.url('/hello') },
      { method: 'CONNECT', target: `127.0.0.1:${secureOrigin.port}` },
    ]);
  });

  test('asks for a password', async ({ origin, secureOrigin }) => {
    const squid = await newSquid({ users: { anna: 'p:ss w\u00f6rd', ben: 'other' } });
    const target = `127.0.0.1:${secureOrigin.port}`;
    const right = { headers: { 'Proxy-Authorization': basic('anna:p:ss w\u00f6rd') } };
    const wrong = { headers: { 'Proxy-Authorization': basic('anna:other') } };
    expect(await forward(squid.url, origin.url('/hello'))).toMatchObject({ status: 407 });
    expect(await forward(squid.url, origin.url('/hello'), wrong)).toMatchObject({ status: 407 });
    expect(await forward(squid.url, origin.url('/hello'), right)).toMatchObject({ status: 200 });
    expect(await tunnel(squid.url, target)).toMatchObject({ status: 407 });
    const { status, socket } = await tunnel(squid.url, target, right);
    expect(status).toBe(200);
    socket.destroy();
    await eventually(async () =>
      expect((await squid.log()).finished.map(({ user, status }) => [user, status])).toEqual([
        [null, 407],
        ['anna', 407],
        ['anna', 200],
        [null, 407],
        ['anna', 200],
      ]),
    );
  });

  test('asks for a client certificate on its TLS port', async ({ pki, origin }) => {
    const identity = pki.servers.viaIntermediate;
    const squid = await newSquid({ tls: { identity, clientCa: pki.root.certificate } });
    const url = origin.url('/hello');
    expect(await forward(squid.tlsUrl(), url, as(pki, 'alice'))).toMatchObject({ status: 200 });
    await expect(forward(squid.tlsUrl(), url, as(pki))).rejects.toThrow();
    await expect(forward(squid.tlsUrl(), url, as(pki, 'mallory'))).rejects.toThrow();
    expect(await squid.requests()).toHaveLength(1);
  });
});

describeMicrosocks('microsocks', () => {
  test('connects to addresses and names', ({ origin }) => connectsTo(origin.port, 'microsocks'));

  test('asks for a password', async ({ origin }) => {
    const credentials = { username: 'anna', password: 'p:ss' };
    const socks = await newSocks({ server: 'microsocks', credentials });
    const target = { host: 'localhost', port: origin.port };
    const wrong = { ...credentials, password: 'wrong' };
    expect((await socksConnect('socks5h', socks.port, target)).reply).not.toBe(0);
    expect((await socksConnect('socks5h', socks.port, target, wrong)).reply).not.toBe(0);
    const { reply, socket } = await socksConnect('socks5h', socks.port, target, credentials);
    expect(reply).toBe(0);
    socket.destroy();
    await eventually(async () => expect((await socks.log()).connects).toEqual([target]));
  });
});

describeDante('dante', () => {
  test('connects to addresses, and with SOCKS5 to names', ({ origin }) => connectsTo(origin.port, 'dante'));
});

describeSsh('ssh -D', () => {
  test('connects to addresses and names, with every version', ({ origin }) => connectsTo(origin.port, 'ssh'));
});

/** Goes through a SOCKS server with each version it speaks, and compares what the server says it has done. */
async function connectsTo(port: number, server: 'microsocks' | 'dante' | 'ssh'): Promise<void> {
  const socks = await newSocks({ server });
  for (const version of socks.versions) {
    const isNamed = version === 'socks4a' || version === 'socks5h';
    const target = { host: isNamed ? 'localhost' : '127.0.0.1', port };
    const { reply, socket } = await socksConnect(version, socks.port, target);
    expect(reply, version).toBe(version.startsWith('socks4') ? 90 : 0);
    const createConnection = (): Socket => socket;
    expect(await send('http://localhost/hello', { createConnection }), version).toMatchObject({
      status: 200,
    });
    const logged = { host: server === 'dante' ? '127.0.0.1' : target.host, port };
    await eventually(async () => expect((await socks.log()).connects.at(-1), version).toEqual(logged));
  }
}

/** Trusts the root, and presents this client's certificate. */
function as(pki: Pki, name?: ClientName): SecureContextOptions {
  const ca = pki.root.certificate;
  if (name === undefined) return { ca };
  const { chain: cert, key } = pki.clients[name];
  return { ca, cert, key };
}

/** What Node's client says of the certificate at a port, for a name or an address. */
async function verdictOf(port: number, host: string, ca: string): Promise<string> {
  const socket = connectTls({ port, ca, ...identityOf(host) });
  try {
    await once(socket, 'secureConnect');
    return 'accepted';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}

/** A request for an https URL through what a proxy has opened. */
function overTls(socket: Socket, url: string, pki: Pki): Promise<PlainAnswer> {
  const { hostname } = new URL(url);
  return send(url, {
    createConnection: () => connectTls({ socket, ...as(pki), ...identityOf(hostname) }),
  });
}

/** 127.0.0.1 under another name; an address has none to send (RFC 6066 §3). */
function identityOf(host: string): { host: string; servername: string } {
  return { host: '127.0.0.1', servername: isIP(host) === 0 ? host : '' };
}

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

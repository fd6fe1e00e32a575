import { disableWarnings, type PoolManager } from '@hip/client';
import { expect } from 'vitest';
import { contentBytes, sha256 } from '../support/content.ts';
import {
  describeWith,
  LOOPBACK,
  newClient,
  newNginx,
  newTlsOrigin,
  test as plainTest,
} from '../support/fixtures.ts';
import type { NginxRequest, TlsVersion } from '../support/peers/peer-api.ts';

// Nothing of one client's TLS is ever used for another: as the origin, which logs every request, sees it.

const describeNginx = await describeWith('nginx', 'openssl');

disableWarnings();

const OTHER_TOKEN = 'token-of-the-other-subject';
const VERSIONS: TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

const test = plainTest;
test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  files: { 'other.token': `${OTHER_TOKEN}\n` },
  config: { subjects: { other: { tokenFile: 'other.token' } } },
}));

/** A client and the certificate that nginx must see with each of its requests. */
interface Someone {
  id: string;
  http: PoolManager;
  subject: string;
}

/** `/?by=ID`, so that the log tells whose request it was. */
function requestBy({ id, http }: Someone, url: string): Promise<{ status: number }> {
  return http.request('GET', `${url}?by=${id}`);
}

function sentBy(log: readonly NginxRequest[], { id }: Someone): NginxRequest[] {
  return log.filter(({ target }) => target === `/?by=${id}`);
}

describeNginx.for(VERSIONS)('with %s', (version) => {
  test('contexts and subjects share neither connection nor session', async ({ gateway, pki }) => {
    const nginx = await newNginx({ clientCertificates: 'optional', protocols: [version] });
    const url = nginx.url();
    // Two subjects, and of each two contexts with the same certificate, one with another, and one with none.
    const everybody = [gateway.token, OTHER_TOKEN].flatMap((token, at) =>
      (['alice', 'alice', 'bob', undefined] as const).map((name, index): Someone => {
        const client = name && pki.clients[name];
        const credentials = client && { certFile: client.chain, keyFile: client.key };
        const http = newClient(gateway, { token, caCerts: pki.root.certificate, ...credentials });
        return { id: `${at}-${index}`, http, subject: name === undefined ? '' : `CN=${name}` };
      }),
    );
    // More at once than a pool keeps: its connections come and go, and with them sessions.
    const rounds = Array.from({ length: 12 }, () => everybody).flat();
    for (let at = 0; at < 3; at += 1) {
      const responses = await Promise.all(rounds.map((someone) => requestBy(someone, url)));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
    }

    const log = await nginx.log();
    expect(log).toHaveLength(3 * rounds.length);
    const owners = new Map<number, string>();
    for (const someone of everybody) {
      const requests = sentBy(log, someone);
      expect(requests).toHaveLength(36);
      expect(new Set(requests.map(({ clientSubject }) => clientSubject ?? ''))).toEqual(
        new Set([someone.subject]),
      );
      expect(new Set(requests.map(({ protocol }) => protocol))).toEqual(new Set([version]));
      for (const { connection } of requests) {
        expect(owners.get(connection) ?? someone.id).toBe(someone.id);
        owners.set(connection, someone.id);
      }
      // Of its own it resumes.
      expect(requests.some(({ isSessionReused }) => isSessionReused)).toBe(true);
    }
  });

  test('a session is resumed by whoever it was made with, and by nobody else', async ({ gateway, pki }) => {
    const origin = await newTlsOrigin({ minVersion: version, maxVersion: version });
    const options = { caCerts: pki.root.certificate };
    // As many as this server gives tickets for: those of TLS 1.3 are used once.
    const expected = [false, true, true];
    const clients = [
      newClient(gateway, options),
      newClient(gateway, options),
      newClient(gateway, { ...options, token: OTHER_TOKEN }),
      newClient(gateway, { ...options, sslMinimumVersion: version }),
    ];
    for (const http of clients) {
      const resumed: (boolean | undefined)[] = [];
      // Each answer closes its connection.
      for (const _ of expected) resumed.push((await http.request('GET', origin.url('/close'))).tls?.resumed);
      expect(resumed).toEqual(expected);
    }
    const seen = (await origin.requests()).map(({ tls }) => tls.isSessionReused);
    expect(seen).toEqual(clients.flatMap(() => expected));
    expect(await origin.counts()).toMatchObject({ handshakes: 12, resumedHandshakes: 8 });
  });
});

test('options of a request have connections of their own, each kept', async ({ gateway, pki }) => {
  const origin = await newTlsOrigin();
  const { alice, bob } = pki.clients;
  const http = newClient(gateway, { caCerts: pki.root.certificate, numPools: 20 });
  const fingerprint = pki.servers.good.fingerprints.sha256;
  const overrides = [
    {},
    { certReqs: 'CERT_OPTIONAL' },
    { assertHostname: false },
    { assertHostname: 'localhost' },
    { assertFingerprint: fingerprint },
    { serverHostname: 'origin.test' },
    { sslMinimumVersion: 'TLSv1.3' },
    { sslMaximumVersion: 'TLSv1.2' },
    { ciphers: 'ECDHE+AESGCM' },
    { alpnProtocols: [] },
    { caCerts: pki.root.certificate + pki.otherRoot.certificate },
    { certFile: alice.chain, keyFile: alice.key },
    { certFile: bob.chain, keyFile: bob.key },
  ] as const;
  const connections: number[][] = [];
  for (let round = 0; round < 2; round += 1) {
    for (const override of overrides) await http.request('GET', origin.url('/hello'), override);
    connections.push((await origin.requests()).slice(-overrides.length).map(({ connection }) => connection));
  }
  expect(new Set(connections[0]).size).toBe(overrides.length);
  expect(connections[1]).toEqual(connections[0]);
});

test('a pool has its own, and shares them with nobody', async ({ gateway, pki }) => {
  const origin = await newTlsOrigin({ clientCertificates: 'optional' });
  const { alice } = pki.clients;
  const http = newClient(gateway, { caCerts: pki.root.certificate });
  const poolKwargs = { certFile: alice.chain, keyFile: alice.key };
  const byHost = http.connectionFromHost('127.0.0.1', origin.port, 'https', poolKwargs);
  const byUrl = http.connectionFromUrl(origin.url(), poolKwargs);
  await http.request('GET', origin.url('/hello'));
  await byHost.request('GET', '/hello');
  await byUrl.request('GET', '/hello');
  await http.request('GET', origin.url('/hello'));
  const requests = await origin.requests();
  expect(requests.map(({ tls }) => tls.clientName)).toEqual([null, 'alice', 'alice', null]);
  const [first, second, third, fourth] = requests.map(({ connection }) => connection);
  expect([second === third, first === fourth, first === second]).toEqual([true, true, false]);
});

test('handshakes are avoided: 500 requests, 10 at a time, need 10 at the most', async ({ gateway, pki }) => {
  const origin = await newTlsOrigin();
  const http = newClient(gateway, { caCerts: pki.root.certificate, maxsize: 10 });
  let left = 500;
  const sendAll = async (): Promise<void> => {
    while (left-- > 0) expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
  };
  await Promise.all(Array.from({ length: 10 }, sendAll));
  const { handshakes, tcpConnections, requests } = await origin.counts();
  expect(requests).toHaveLength(500);
  expect(handshakes).toBeLessThanOrEqual(10);
  expect(tcpConnections).toBe(handshakes);
});

test('large bodies pass in both directions', async ({ gateway, pki }) => {
  const origin = await newTlsOrigin();
  const http = newClient(gateway, { caCerts: pki.root.certificate });
  const content = contentBytes(3_000_000);
  const [down, up] = await Promise.all([
    http.request('GET', origin.url('/bytes/3000000')),
    http.request('POST', origin.url('/upload'), { body: content }),
  ]);
  expect(await sha256(down.data.slice())).toBe(await sha256(content));
  expect(await up.json()).toEqual({ receivedBytes: 3_000_000, receivedSha256: await sha256(content) });
});

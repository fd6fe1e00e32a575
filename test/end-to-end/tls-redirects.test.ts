import {
  disableWarnings,
  HTTPSConnectionPool,
  InsecureRequestWarning,
  type PoolManager,
  type RequestInit,
  SSLError,
} from '@hip/client';
import { expect, onTestFinished } from 'vitest';
import { bytesOf } from '../support/base64.ts';
import type { Gateway } from '../support/control.ts';
import { rejection } from '../support/eventually.ts';
import {
  describeWith,
  LOOPBACK,
  newClient,
  newGateway,
  newNginx,
  newTlsOrigin,
  test,
} from '../support/fixtures.ts';
import type { Pki } from '../support/peers/peer-api.ts';

// Options of TLS were given for one origin. What becomes of them when that redirects to another, as nginx sees it.

const describeNginx = await describeWith('nginx', 'openssl');
const describeTls = await describeWith('openssl');

disableWarnings(InsecureRequestWarning);

test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  allow: ['127.0.0.1:*', 'localhost:*'],
}));

const redirectTo = (url: string): string => `/redirect/302?to=${encodeURIComponent(url)}`;

function trusting(gateway: Gateway, { root }: Pki): PoolManager {
  return newClient(gateway, { caCerts: root.certificate });
}

describeNginx('a client certificate', () => {
  async function subjectsOf(
    send: (url: string, init: RequestInit) => Promise<unknown>,
    init: RequestInit,
  ): Promise<{ first: string | null | undefined; second: string | null | undefined }> {
    const first = await newTlsOrigin({ clientCertificates: 'required' });
    const second = await newNginx({ clientCertificates: 'optional' });
    await send(first.url(redirectTo(second.url())), init);
    const [asked] = await first.requests('/redirect');
    const [led] = await second.log();
    return { first: asked?.tls.clientName, second: led?.clientSubject };
  }

  const FORMS: [form: string, init: (pki: Pki) => RequestInit][] = [
    ['certFile and keyFile', ({ clients: { alice } }) => ({ certFile: alice.chain, keyFile: alice.key })],
    ['pfx', ({ clients: { alice }, password }) => ({ pfx: bytesOf(alice.pfx), keyPassword: password })],
    ['identity', () => ({ identity: 'alice' })],
  ];

  test.for(FORMS)(
    'of one request, by %s, stays with the origin that redirects',
    async ([, init], { pki }) => {
      const { alice } = pki.clients;
      const gateway = await newGateway({
        ...LOOPBACK,
        files: { 'alice.pem': alice.chain, 'alice.key': alice.key },
        config: {
          identities: { alice: { certFile: 'alice.pem', keyFile: 'alice.key' } },
          subjects: { default: { identities: ['alice'] } },
        },
      });
      const http = trusting(gateway, pki);
      const subjects = await subjectsOf((url, more) => http.request('GET', url, more), init(pki));
      expect(subjects).toEqual({ first: 'alice', second: null });
    },
  );

  test("of a manager goes wherever it goes, as urllib3's does", async ({ gateway, pki }) => {
    const { alice } = pki.clients;
    const options = { caCerts: pki.root.certificate, certFile: alice.chain, keyFile: alice.key };
    const http = newClient(gateway, options);
    const subjects = await subjectsOf((url) => http.request('GET', url), {});
    expect(subjects).toEqual({ first: 'alice', second: 'CN=alice' });
  });

  test('of a manager stays away where the request did without it', async ({ gateway, pki }) => {
    const { alice, bob } = pki.clients;
    const options = { caCerts: pki.root.certificate, certFile: alice.chain, keyFile: alice.key };
    const http = newClient(gateway, options);
    const second = await newNginx({ clientCertificates: 'optional' });
    const first = await newTlsOrigin({ clientCertificates: 'optional' });
    const url = first.url(redirectTo(second.url()));
    await http.request('GET', url, { certFile: null, keyFile: null });
    await http.request('GET', url, { certFile: bob.chain, keyFile: bob.key });
    expect((await first.requests('/redirect')).map(({ tls }) => tls.clientName)).toEqual([null, 'bob']);
    // The second had one of its own for the first origin only: what is left is the manager's.
    expect((await second.log()).map(({ clientSubject }) => clientSubject)).toEqual([null, 'CN=alice']);
  });

  test("of a manager's pool stays with the pool's origin", async ({ gateway, pki }) => {
    const { alice } = pki.clients;
    const http = trusting(gateway, pki);
    const subjects = await subjectsOf((url) => {
      const { hostname, port, pathname, search } = new URL(url);
      const own = { certFile: alice.chain, keyFile: alice.key };
      const pool = http.connectionFromHost(hostname, Number(port), 'https', own);
      return pool.request('GET', pathname + search, { assertSameHost: false });
    }, {});
    expect(subjects).toEqual({ first: 'alice', second: null });
  });

  test("of a pool of one's own stays with the pool's origin", async ({ gateway, pki }) => {
    const { alice } = pki.clients;
    const subjects = await subjectsOf((url) => {
      const { hostname, port, pathname, search } = new URL(url);
      const pool = new HTTPSConnectionPool(hostname, Number(port), {
        gateway: gateway.url,
        token: gateway.token,
        caCerts: pki.root.certificate,
        certFile: alice.chain,
        keyFile: alice.key,
      });
      onTestFinished(() => pool.close());
      return pool.request('GET', pathname + search, { assertSameHost: false });
    }, {});
    expect(subjects).toEqual({ first: 'alice', second: null });
  });

  test('goes along to another path of the same origin', async ({ gateway, pki }) => {
    const { alice } = pki.clients;
    const first = await newTlsOrigin({ clientCertificates: 'required' });
    const init = { certFile: alice.chain, keyFile: alice.key };
    await trusting(gateway, pki).request('GET', first.url(redirectTo('/hello')), init);
    expect((await first.requests('/hello'))[0]?.tls.clientName).toBe('alice');
  });

  test('that stayed behind is not there on the way back', async ({ gateway, pki }) => {
    const { alice } = pki.clients;
    const first = await newTlsOrigin({ clientCertificates: 'optional' });
    const second = await newTlsOrigin({ clientCertificates: 'optional' });
    const back = second.url(redirectTo(first.url('/hello')));
    const init = { certFile: alice.chain, keyFile: alice.key };
    await trusting(gateway, pki).request('GET', first.url(redirectTo(back)), init);
    expect((await first.requests()).map(({ target, tls }) => [target.slice(0, 6), tls.clientName])).toEqual([
      ['/redir', 'alice'],
      ['/hello', null],
    ]);
    expect((await second.requests())[0]?.tls.clientName).toBeNull();
  });
});

describeTls('what is expected of the peer', () => {
  test('is not expected of another: names and fingerprints', async ({ gateway, pki }) => {
    const first = await newTlsOrigin({ identity: pki.servers.wrongHost });
    const second = await newTlsOrigin({ identity: pki.servers.second });
    const http = trusting(gateway, pki);
    for (const init of [
      { serverHostname: 'other.test' },
      { assertHostname: 'other.test' },
      { assertFingerprint: pki.servers.wrongHost.fingerprints.sha256 },
    ]) {
      const response = await http.request(
        'GET',
        first.url(redirectTo(second.url('/hello', 'localhost'))),
        init,
      );
      expect(response.tls?.verified, JSON.stringify(init)).toBe(true);
    }
    expect((await second.requests()).map(({ tls }) => tls.serverName)).toEqual(Array(3).fill('localhost'));
  });

  test('is not less of another: what was waived for one origin holds for it alone', async ({
    gateway,
    pki,
  }) => {
    const http = trusting(gateway, pki);
    const first = await newTlsOrigin({ identity: pki.servers.wrongHost });
    const waived: [RequestInit, keyof Pki['servers']][] = [
      [{ certReqs: 'CERT_NONE' }, 'selfSigned'],
      [{ assertHostname: false }, 'wrongHost'],
    ];
    for (const [init, name] of waived) {
      const second = await newTlsOrigin({ identity: pki.servers[name] });
      const error = await rejection(
        http.request('GET', first.url(redirectTo(second.url('/hello'))), { ...init, retries: 1 }),
      );
      expect(error, JSON.stringify(init)).toMatchObject({
        code: 'tls_certificate_error',
        url: second.url('/hello'),
      });
      expect(await second.requests()).toEqual([]);
    }
  });

  test('is what the request demands beyond its manager', async ({ gateway, pki }) => {
    const http = newClient(gateway, { certReqs: 'CERT_NONE', retries: 1 });
    const first = await newTlsOrigin();
    const second = await newTlsOrigin({ identity: pki.servers.unknownCa });
    const url = first.url(redirectTo(second.url('/hello')));
    expect((await http.request('GET', url)).status).toBe(200);
    const caCerts = pki.root.certificate;
    for (const init of [
      { certReqs: 'CERT_REQUIRED', caCerts },
      { certReqs: null, caCerts },
    ] as RequestInit[]) {
      expect(await rejection(http.request('GET', url, init))).toMatchObject({
        code: 'tls_certificate_error',
      });
    }
  });

  test('is vouched for by whom the request trusts, wherever it is led', async ({ gateway, pki }) => {
    const http = trusting(gateway, pki);
    const first = await newTlsOrigin({ identity: pki.servers.unknownCa });
    const second = await newTlsOrigin();
    const error = await rejection(
      http.request('GET', first.url(redirectTo(second.url('/hello'))), {
        caCerts: pki.otherRoot.certificate,
        retries: 1,
      }),
    );
    expect((error as { reason: unknown }).reason).toBeInstanceOf(SSLError);
    expect(error).toMatchObject({ url: second.url('/hello'), code: 'tls_certificate_error' });
  });
});

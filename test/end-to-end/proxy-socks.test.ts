import { NewConnectionError, SSLError } from '@hip/client';
import { expect } from 'vitest';
import { contentBytes, sha256 } from '../support/content.ts';
import { eventually } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { fieldsOf } from '../support/fields.ts';
import {
  describeWith,
  newRawProxy,
  newSocks,
  newTlsOrigin,
  test as plainTest,
  unusedAddress,
} from '../support/fixtures.ts';
import { Socks, TlsOrigin } from '../support/peers/handles.ts';
import type { SocksServer, SocksVersion } from '../support/peers/peer-api.ts';
import { socks4To, socks5To } from '../support/peers/raw-scripts.ts';
import { throughSocks } from '../support/proxy-clients.ts';

const describePki = await describeWith('openssl');
const SERVERS = {
  microsocks: await describeWith('microsocks', 'openssl'),
  dante: await describeWith('danted', 'openssl'),
  ssh: await describeWith('ssh', 'ssh-keygen', 'sshd', 'openssl'),
};

/** Dante takes a SOCKS4a name for the address 0.0.0.1. */
const VERSIONS: Record<SocksServer, SocksVersion[]> = {
  microsocks: ['socks5', 'socks5h'],
  dante: ['socks4', 'socks5', 'socks5h'],
  ssh: ['socks4', 'socks4a', 'socks5', 'socks5h'],
};

/** With servers that the tests of this file share. */
const test = plainTest
  .extend('secureOrigin', { scope: 'file' }, async ({}, { onCleanup }): Promise<TlsOrigin> => {
    const secureOrigin = await TlsOrigin.start();
    onCleanup(() => secureOrigin.stop());
    return secureOrigin;
  })
  .extend('trust', { scope: 'file' }, ({ pki }): { caCerts: string } => ({ caCerts: pki.root.certificate }));

test.override('gatewaySetup', { scope: 'file' }, () => ({
  allow: ['127.0.0.1:*', 'localhost:*', 'origin.test:*'],
}));

for (const [server, describeServer] of Object.entries(SERVERS) as [SocksServer, typeof describePki][]) {
  const serverTest = test.extend('socks', { scope: 'file' }, async ({}, { onCleanup }): Promise<Socks> => {
    const socks = await Socks.start({ server });
    onCleanup(() => socks.stop());
    return socks;
  });

  describeServer(server, () => {
    serverTest.for(VERSIONS[server])(
      '%s: http and https, and connections are kept',
      async (version, { gateway, socks, origin, trust }) => {
        const http = throughSocks(gateway, socks.url(version), trust);
        const url = `http://localhost:${origin.port}/echo`;
        for (const body of ['one', 'two']) {
          const response = await http.request('POST', url, { body });
          const echo = (await response.json()) as { body: string; target: string; rawHeaders: string[] };
          expect([echo.body, echo.target]).toEqual([body, '/echo']);
          expect(fieldsOf(echo.rawHeaders).get('host')).toBe(`localhost:${origin.port}`);
        }
        expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
        const secureOrigin = await newTlsOrigin();
        for (let i = 0; i < 2; i++) {
          const response = await http.request('GET', secureOrigin.url('/bytes/300000', 'localhost'));
          expect(await sha256(response.data.slice())).toBe(await sha256(contentBytes(300_000)));
          expect(response.tls).toMatchObject({ verified: true });
        }
        expect(await secureOrigin.counts()).toMatchObject({ tcpConnections: 1, handshakes: 1 });
        expect((await secureOrigin.requests())[0]?.tls.serverName).toBe('localhost');
        // Who resolved the name is what the proxy was asked for; dante tells addresses alone.
        const isByName = (version === 'socks4a' || version === 'socks5h') && server !== 'dante';
        const host = isByName ? 'localhost' : '127.0.0.1';
        await eventually(async () =>
          expect((await socks.log()).connects.slice(-2)).toEqual([
            { host, port: origin.port },
            { host, port: secureOrigin.port },
          ]),
        );
      },
    );

    serverTest('an origin that is not there', async ({ gateway, socks }) => {
      const http = throughSocks(gateway, socks.url('socks5h'));
      const { host } = await unusedAddress();
      await expectFailure(
        http,
        `http://${host}/`,
        NewConnectionError,
        new RegExp(`${host} through 127\\.0\\.0\\.1:`),
      );
    });
  });
}

SERVERS.microsocks('a SOCKS5 proxy that asks for a password', () => {
  const credentials = { username: 'anna:@', password: 'p:ss w\u00f6rd' };

  test.for(['in the URL', 'as options'])(
    'is given it %s',
    async (place, { gateway, secureOrigin, origin, trust }) => {
      const socks = await newSocks({ server: 'microsocks', credentials });
      const { username, password } = credentials;
      const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
      const http =
        place === 'in the URL'
          ? throughSocks(gateway, `socks5h://${login}@127.0.0.1:${socks.port}`, trust)
          : throughSocks(gateway, socks.url('socks5'), { ...trust, ...credentials });
      expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
      expect((await http.request('GET', secureOrigin.url('/hello'))).status).toBe(200);
    },
  );

  test.for([
    ['none', {}, /wants authentication/],
    [
      'a wrong one',
      { username: 'anna:@', password: 'wrong-password' },
      /did not accept the username and password/,
    ],
  ] as const)('is given %s', async ([, options, message], { gateway, origin }) => {
    const socks = await newSocks({ server: 'microsocks', credentials });
    const http = throughSocks(gateway, socks.url('socks5'), options);
    await expectFailure(http, origin.url('/hello'), NewConnectionError, message);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 0 });
    expect((await gateway.status()).stderr).not.toContain('wrong-password');
  });
});

describePki('who resolves the name', () => {
  test.for(['socks4a', 'socks5h'] as const)(
    '%s: the proxy, for a name that nobody else knows',
    async (version, { gateway, secureOrigin, trust }) => {
      const proxy = await newRawProxy((version === 'socks4a' ? socks4To : socks5To)(secureOrigin.port));
      const http = throughSocks(gateway, proxy.url(version), trust);
      expect((await http.request('GET', 'https://origin.test/hello')).status).toBe(200);
      const [connection] = await proxy.connections();
      expect(connection?.received).toContain('origin.test');
    },
  );

  test.for(['socks4', 'socks5'] as const)(
    '%s: the gateway, so that the proxy sees the address',
    async (version, { gateway, secureOrigin, trust }) => {
      const proxy = await newRawProxy((version === 'socks4' ? socks4To : socks5To)(secureOrigin.port));
      const http = throughSocks(gateway, proxy.url(version), trust);
      expect((await http.request('GET', secureOrigin.url('/hello', 'localhost'))).status).toBe(200);
      const [connection] = await proxy.connections();
      expect(connection?.received).toContain('\x7f\x00\x00\x01');
      expect(connection?.received).not.toContain('localhost');
    },
  );

  test('an origin with a bad certificate is the one to blame', async ({ gateway, pki, trust }) => {
    const origin = await newTlsOrigin({ identity: pki.servers.wrongHost });
    const proxy = await newRawProxy(socks5To(origin.port));
    const http = throughSocks(gateway, proxy.url('socks5h'), trust);
    await expectFailure(http, 'https://origin.test/', SSLError, /origin\.test/);
  });
});

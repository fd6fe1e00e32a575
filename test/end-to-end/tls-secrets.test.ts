import {
  disableWarnings,
  HTTPError,
  makeHeaders,
  type PoolManager,
  type PoolManagerOptions,
} from '@hip/client';
import { expect } from 'vitest';
import { bytesOf } from '../support/base64.ts';
import { control } from '../support/control.ts';
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

// Keys and passwords stay where they are used: nothing that the gateway says has any of them.

const describeNginx = await describeWith('nginx', 'openssl');

disableWarnings();

const CANARY = 'canary-4f1d7c';

/** What must not show: passwords, and each line of every key and store. */
function secretsOf({ clients, password }: Pki): string[] {
  const { alice, bob } = clients;
  const texts = [alice.key, alice.encryptedKey, alice.traditionalKey, alice.encryptedTraditionalKey, bob.key];
  const stores = [alice.pfx, alice.pfxWithoutPassword].flatMap((store) => store.match(/.{40}/g) ?? []);
  const lines = texts.flatMap((text) =>
    text.split('\n').filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line)),
  );
  return [password, CANARY, btoa(`user:${CANARY}`), ...stores, ...lines];
}

describeNginx('a gateway that tells all it can', () => {
  test('tells no secret, whatever goes well or wrong', async ({ pki }) => {
    const { alice, bob } = pki.clients;
    const { password } = pki;
    const gateway = await newGateway({
      ...LOOPBACK,
      args: ['--log-level', 'debug', '--trust', 'root.pem'],
      files: {
        'root.pem': pki.root.certificate,
        'alice.pem': alice.chain,
        'alice.key': alice.encryptedKey,
        'alice.password': password,
      },
      config: {
        identities: {
          alice: { certFile: 'alice.pem', keyFile: 'alice.key', keyPasswordFile: 'alice.password' },
        },
        subjects: { default: { identities: ['alice'] } },
      },
    });
    const nginx = await newNginx({ clientCertificates: 'required' });
    const demanding = await newTlsOrigin({ clientCertificates: 'required' });
    const { port: dead } = await control('port.unused', {});
    const certFile = alice.chain;
    const options: PoolManagerOptions[] = [
      { certFile, keyFile: alice.key },
      { certFile, keyFile: alice.encryptedKey, keyPassword: password },
      { certFile, keyFile: alice.encryptedTraditionalKey, keyPassword: password },
      { pfx: bytesOf(alice.pfx), keyPassword: password },
      { pfx: bytesOf(alice.pfxWithoutPassword) },
      { identity: 'alice' },
      // From here on something is wrong.
      {},
      { certFile, keyFile: alice.encryptedKey },
      { certFile, keyFile: alice.encryptedKey, keyPassword: CANARY },
      { certFile, keyFile: alice.encryptedTraditionalKey, keyPassword: CANARY },
      { certFile, keyFile: bob.key },
      { certFile: alice.key + bob.chain },
      { caCerts: alice.key },
      { pfx: bytesOf(alice.pfx), keyPassword: CANARY },
      { pfx: bytesOf(alice.pfx) },
      { pfx: bytesOf(alice.pfx), certFile, keyFile: alice.key, keyPassword: password },
      { identity: CANARY.slice(0, 6), keyPassword: password },
      { identity: 'alice', keyPassword: password },
      { serverHostname: alice.key },
      { assertHostname: alice.key },
      { assertFingerprint: alice.key },
      { ciphers: alice.key },
      { alpnProtocols: [alice.key] },
      { certFile, keyFile: alice.key, caCerts: pki.otherRoot.certificate },
      { certFile, keyFile: alice.key, sslMinimumVersion: 'TLSv1' },
      // Proxies that are not there, with credentials.
      { proxy: `socks5h://user:${CANARY}@127.0.0.1:${dead}` },
      {
        proxy: `http://127.0.0.1:${dead}`,
        proxyHeaders: makeHeaders({ proxyBasicAuth: `user:${CANARY}` }),
      },
    ];
    const told: string[] = [];
    let succeeded = 0;
    for (const each of options) {
      const http: PoolManager = newClient(gateway, each);
      for (const url of [nginx.url(), demanding.url('/hello')]) {
        try {
          const response = await http.request('GET', url);
          told.push(JSON.stringify(response.headers), await response.text());
          if (response.status === 200) succeeded += 1;
        } catch (error) {
          if (!(error instanceof HTTPError)) throw error;
          told.push(`${error.stack} ${error.message} ${JSON.stringify(error)}`);
        }
      }
    }
    // Six ways to show alice's certificate, at two origins.
    expect(succeeded).toBe(12);

    const report = await gateway.report();
    expect(JSON.parse(report)).toMatchObject({ header: { event: expect.any(String) } });
    await gateway.signal('SIGTERM');
    const { stderr } = await gateway.exited();
    expect(stderr).toContain('"level":"debug"');
    const everything = stderr + report + told.join('\n');
    const shown = secretsOf(pki).filter((secret) => everything.includes(secret));
    expect(shown).toEqual([]);
    expect(everything).not.toContain('PRIVATE KEY-----');
  });
});

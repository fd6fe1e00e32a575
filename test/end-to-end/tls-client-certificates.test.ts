import { EgressDeniedError, type PoolManagerOptions, SSLError } from '@hip/client';
import { describe, expect } from 'vitest';
import { bytesOf } from '../support/base64.ts';
import { expectFailure } from '../support/expect-failure.ts';
import {
  describeWith,
  LOOPBACK,
  newClient,
  newGateway,
  newTlsOrigin,
  test as plainTest,
} from '../support/fixtures.ts';
import { Nginx } from '../support/peers/handles.ts';
import type { ClientCertificate, Pki } from '../support/peers/peer-api.ts';

// Client certificates as nginx, which is not ours, sees them.

const describeNginx = await describeWith('nginx', 'openssl');

const test = plainTest.extend('nginx', { scope: 'file' }, async ({}, { onCleanup }): Promise<Nginx> => {
  const nginx = await Nginx.start({ clientCertificates: 'required' });
  onCleanup(() => nginx.stop());
  return nginx;
});

interface Seen {
  clientVerify: string;
  clientSubject: string;
  protocol: string;
}

const ASCII = new TextEncoder();

describeNginx('a client certificate', () => {
  type Options = (alice: ClientCertificate, pki: Pki) => PoolManagerOptions;

  test.for<[form: string, options: Options]>([
    ['with its key', ({ chain, key }) => ({ certFile: chain, keyFile: key })],
    [
      'with its key in the traditional form',
      ({ chain, traditionalKey }) => ({ certFile: chain, keyFile: traditionalKey }),
    ],
    ['with its key in the same text', ({ chain, key }) => ({ certFile: key + chain })],
    [
      'with an encrypted key',
      ({ chain, encryptedKey }, { password }) => ({
        certFile: chain,
        keyFile: encryptedKey,
        keyPassword: password,
      }),
    ],
    [
      'with an encrypted key in the traditional form',
      ({ chain, encryptedTraditionalKey }, { password }) => ({
        certFile: chain,
        keyFile: encryptedTraditionalKey,
        keyPassword: password,
      }),
    ],
    [
      'with a superfluous password',
      ({ chain, key }) => ({ certFile: chain, keyFile: key, keyPassword: 'superfluous' }),
    ],
    ['in a store', ({ pfx }, { password }) => ({ pfx: bytesOf(pfx), keyPassword: password })],
    ['in a store with an empty password', ({ pfxWithoutPassword }) => ({ pfx: bytesOf(pfxWithoutPassword) })],
    ['as bytes', ({ chain, key }) => ({ certFile: ASCII.encode(chain), keyFile: ASCII.encode(key).buffer })],
    [
      'as a Blob and a File',
      ({ chain, key }) => ({ certFile: new Blob([chain]), keyFile: new File([key], 'key.pem') }),
    ],
  ])('%s', async ([, options], { gateway, nginx, pki }) => {
    const http = newClient(gateway, { caCerts: pki.root.certificate, ...options(pki.clients.alice, pki) });
    const response = await http.request('GET', nginx.url());
    expect(await response.json()).toMatchObject({
      clientVerify: 'SUCCESS',
      clientSubject: 'CN=alice',
      protocol: 'TLSv1.3',
    } satisfies Seen);
  });

  test('of an intermediate comes with it', async ({ gateway, nginx, pki }) => {
    const { chain, pfx } = pki.clients.carol;
    const caCerts = pki.root.certificate;
    const pem = newClient(gateway, { caCerts, certFile: chain, keyFile: pki.clients.carol.key });
    const store = newClient(gateway, { caCerts, pfx: bytesOf(pfx), keyPassword: pki.password });
    for (const http of [pem, store]) {
      const seen = await (await http.request('GET', nginx.url())).json();
      expect(seen).toMatchObject({ clientVerify: 'SUCCESS', clientSubject: 'CN=carol' });
    }
  });

  test('is shown with TLS 1.2, too', async ({ gateway, nginx, pki }) => {
    const { chain, key } = pki.clients.bob;
    const http = newClient(gateway, {
      caCerts: pki.root.certificate,
      certFile: chain,
      keyFile: key,
      sslMaximumVersion: 'TLSv1.2',
    });
    const response = await http.request('GET', nginx.url());
    expect(await response.json()).toMatchObject({ clientSubject: 'CN=bob', protocol: 'TLSv1.2' });
    expect(response.tls).toMatchObject({ version: 'TLSv1.2', verified: true });
  });

  test('that is missing, or of an authority that nginx does not know, is answered by nginx', async ({
    gateway,
    nginx,
    pki,
  }) => {
    const http = newClient(gateway, { caCerts: pki.root.certificate });
    const { chain, key } = pki.clients.mallory;
    const none = await http.request('GET', nginx.url());
    const unknown = await http.request('GET', nginx.url(), { certFile: chain, keyFile: key });
    expect([none.status, unknown.status]).toEqual([400, 400]);
    expect(await none.text()).toContain('No required SSL certificate was sent');
    expect(await unknown.text()).toContain('The SSL certificate error');
  });

  test('of one request is not that of the next', async ({ gateway, nginx, pki }) => {
    const { alice, bob } = pki.clients;
    const http = newClient(gateway, {
      caCerts: pki.root.certificate,
      certFile: alice.chain,
      keyFile: alice.key,
    });
    const asBob = { certFile: bob.chain, keyFile: bob.key };
    const asNobody = { certFile: null, keyFile: null };
    const seen: string[] = [];
    for (const options of [{}, asBob, asNobody, {}, asBob, asNobody]) {
      const response = await http.request('GET', nginx.url(), options);
      seen.push(
        response.status === 200 ? ((await response.json()) as Seen).clientSubject : String(response.status),
      );
    }
    expect(seen).toEqual(['CN=alice', 'CN=bob', '400', 'CN=alice', 'CN=bob', '400']);
  });
});

describeNginx("the operator's certificates", () => {
  test('are used by those who may, and by nobody else', async ({ nginx, pki }) => {
    const { alice, bob } = pki.clients;
    const gateway = await newGateway({
      ...LOOPBACK,
      files: {
        'alice.pem': alice.chain,
        'alice.key': alice.encryptedKey,
        'alice.password': `${pki.password}\n`,
        'bob.pem': bob.chain,
        'bob.key': bob.key,
        'other.token': 'token-of-the-other-subject\n',
        'root.pem': pki.root.certificate,
      },
      args: ['--trust', 'root.pem'],
      config: {
        identities: {
          alice: { certFile: 'alice.pem', keyFile: 'alice.key', keyPasswordFile: 'alice.password' },
          bob: { certFile: 'bob.pem', keyFile: 'bob.key' },
        },
        subjects: {
          default: { identities: ['alice'] },
          other: { tokenFile: 'other.token', identities: ['bob', 'alice'] },
        },
      },
    });
    const http = newClient(gateway);
    const other = newClient(gateway, { token: 'token-of-the-other-subject' });
    const subjectOf = async (client: typeof http, identity: string): Promise<string> =>
      ((await (await client.request('GET', nginx.url(), { identity })).json()) as Seen).clientSubject;
    expect(await subjectOf(http, 'alice')).toBe('CN=alice');
    expect(await subjectOf(other, 'bob')).toBe('CN=bob');
    expect(await subjectOf(other, 'alice')).toBe('CN=alice');
    const denied = newClient(gateway, { identity: 'bob' });
    await expectFailure(
      denied,
      nginx.url(),
      EgressDeniedError,
      /identity "bob" is none that the operator lets/,
    );
    const both = newClient(gateway, { identity: 'alice', certFile: alice.chain, keyFile: alice.key });
    await expectFailure(both, nginx.url(), SSLError, /certFile and identity: expected one of them/);
  });
});

describe('whom the gateway trusts', () => {
  test('the operator says, and a bundle replaces that', async ({ pki }) => {
    const gateway = await newGateway({
      ...LOOPBACK,
      files: { 'root.pem': pki.root.certificate },
      args: ['--trust', 'root.pem'],
    });
    const origin = await newTlsOrigin();
    const http = newClient(gateway);
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    const others = newClient(gateway, { caCerts: pki.otherRoot.certificate });
    await expectFailure(others, origin.url('/hello'), SSLError, /which is not trusted/);
    const unknown = await newTlsOrigin({ identity: pki.servers.unknownCa });
    await expectFailure(http, unknown.url('/hello'), SSLError, /neither trusted nor sent along/);
    expect((await others.request('GET', unknown.url('/hello'))).status).toBe(200);
  });
});

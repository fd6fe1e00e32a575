import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { TlsSettings } from '@hip/wire';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTlsContext } from '../../src/connect/tls-context.ts';
import type { FailureError } from '../../src/errors.ts';
import { issue } from '../support/certificates.ts';
import {
  failureOf,
  GOOD,
  OTHER_ROOT,
  only,
  ROOT,
  secureAndRead,
  tlsClient,
  tlsServer,
} from '../support/tls-peers.ts';

function contextOf(settings: TlsSettings, trust?: readonly string[]): ReturnType<typeof createTlsContext> {
  return createTlsContext({ settings, trust, identity: undefined });
}

describe('a secure context', () => {
  test('is one for all who ask for nothing that is part of it', async () => {
    const contexts = await Promise.all([
      contextOf({}),
      contextOf({ certReqs: 'CERT_NONE', assertHostname: false }),
      contextOf({ serverHostname: 'a', assertFingerprint: 'ab'.repeat(16), alpnProtocols: [] }),
    ]);
    expect(new Set(contexts.map(({ secureContext }) => secureContext)).size).toBe(1);
  });

  test('is another one for another trust, and for whoever asks for anything else', async () => {
    const trust = [ROOT.certificate];
    const contexts = await Promise.all([
      contextOf({}),
      contextOf({}, trust),
      contextOf({}, [ROOT.certificate]),
      contextOf({ caCerts: ROOT.certificate }, trust),
      contextOf({ caCerts: ROOT.certificate }, trust),
      contextOf({ certFile: GOOD.certificate + GOOD.key }, trust),
      contextOf({ ciphers: 'DEFAULT' }, trust),
      contextOf({ sslMinimumVersion: 'TLSv1.3' }, trust),
      contextOf({ sslMaximumVersion: 'TLSv1.2' }, trust),
    ]);
    expect(new Set(contexts.map(({ secureContext }) => secureContext)).size).toBe(contexts.length);
    expect((await contextOf({}, trust)).secureContext).toBe(contexts[1]?.secureContext);
  });
});

describe('what cannot be used', () => {
  const damaged = OTHER_ROOT.certificate.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA');
  const weak = issue({ name: 'weak', rsaBits: 1_024 });

  test.each<[why: string, settings: TlsSettings, words: string]>([
    [
      'garbage for a bundle',
      { caCerts: 'garbage' },
      'caCerts: expected certificates in PEM (-----BEGIN CERTIFICATE-----), got none',
    ],
    ['an empty bundle', { caCerts: '' }, 'caCerts: expected certificates in PEM'],
    ['a key for a bundle', { caCerts: ROOT.key }, 'caCerts: expected certificates in PEM'],
    [
      'a bundle with a certificate that is damaged',
      { caCerts: ROOT.certificate + damaged },
      'caCerts: certificate 2 of 2 cannot be read',
    ],
    [
      'ciphers that nobody knows',
      { ciphers: 'BOGUS' },
      'ciphers: OpenSSL does not take it (ERR_SSL_NO_CIPHER_MATCH)',
    ],
    [
      'suites that nobody knows',
      { ciphers: 'TLS_BOGUS' },
      'ciphers: OpenSSL does not take it (ERR_SSL_NO_CIPHER_MATCH)',
    ],
    [
      'a key that is too short',
      { certFile: weak.certificate + weak.key },
      'certFile: OpenSSL does not take it (ERR_SSL_EE_KEY_TOO_SMALL)',
    ],
  ])('%s', async (_why, settings, words) => {
    const failure = await failureOf(contextOf(settings));
    expect(failure.name).toBe('tls_configuration_error');
    expect(failure.detail).toContain(words);
  });

  test('shows at every handshake, and is found out once', async () => {
    const server = await tlsServer();
    const client = tlsClient({ certFile: GOOD.certificate });
    const errors: FailureError[] = [];
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await secureAndRead(client, server.port).catch((error: FailureError) => errors.push(error));
    }
    expect(errors[0]?.failure.name).toBe('tls_configuration_error');
    expect(errors[1]).toBe(errors[0]);
    expect(server.accepted).toEqual([]);
  });
});

test('a second handshake that the server asks for is refused', async () => {
  const server = await tlsServer(only('TLSv1.2'));
  const { socket } = await secureAndRead(tlsClient(), server.port);
  const [accepted] = server.accepted as [TLSSocket];
  let isRenegotiated = false;
  accepted.renegotiate({ rejectUnauthorized: false }, (error) => {
    isRenegotiated = error === null;
  });
  accepted.write('?');
  const refused = once(accepted, 'error');
  const [error] = await Promise.race([refused, once(accepted, 'secure')]);
  expect(error).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' });
  await new Promise((resolve) => socket.once('close', resolve));
  expect(isRenegotiated).toBe(false);
});

test('SSLKEYLOGFILE is not honoured', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hip-keylog-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'keys');
  const server = await tlsServer();
  const source = `
    import { connect } from 'node:net';
    import { TlsClient } from ${JSON.stringify(new URL('../../src/connect/tls-client.ts', import.meta.url).href)};
    const socket = connect(${server.port}, '127.0.0.1', async () => {
      const options = { host: 'origin.test', port: ${server.port}, signal: new AbortController().signal };
      const { facts } = await new TlsClient({ settings: { certReqs: 'CERT_NONE' } }).connect(socket, options);
      console.log(facts.version);
      process.exit();
    });`;
  // The server lives in this process, so its event loop must go on.
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { ...process.env, SSLKEYLOGFILE: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  await once(child, 'exit');
  expect(String(line)).toBe('TLSv1.3\n');
  expect(existsSync(file)).toBe(false);
});

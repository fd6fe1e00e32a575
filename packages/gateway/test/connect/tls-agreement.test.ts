import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { SecureVersion } from 'node:tls';
import type { FailureName, TlsSettings } from '@hip/wire';
import { describe, expect, test } from 'vitest';
import { rawOrigin } from '../support/origins.ts';
import {
  failureOf,
  only,
  ROOT,
  secure,
  secureAndRead,
  tlsClient,
  tlsServer,
  trusting,
} from '../support/tls-peers.ts';

// What both sides must agree on before there is a certificate to look at.

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

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  createServer,
  getCACertificates,
  setDefaultCACertificates,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { OriginSocket } from '../../src/connect/connector.ts';
import { createRouteConnector } from '../../src/connect/route-connector.ts';
import type { FailureError } from '../../src/errors.ts';
import { rawOrigin } from '../support/origins.ts';
import { DIRECT } from '../support/settings.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/tls-fixture.ts';

async function tlsOrigin(options: TlsOptions = {}): Promise<{ port: number; accepted: Promise<TLSSocket> }> {
  const server = createServer({
    key: TEST_KEY,
    cert: TEST_CERTIFICATE,
    ALPNProtocols: ['h2', 'http/1.1'],
    ...options,
  });
  server.on('tlsClientError', () => {});
  const accepted = once(server, 'secureConnection').then(([socket]: TLSSocket[]) => socket as TLSSocket);
  accepted.catch(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, accepted };
}

async function connect(port: number, host: string): Promise<OriginSocket> {
  const connector = createRouteConnector({
    checkAddress: () => ({ allowed: true }),
    lookup: async () => ['127.0.0.1'],
  });
  const opened = await connector.connect(
    { scheme: 'https', host, port },
    { route: DIRECT, timeoutMs: 5_000, signal: new AbortController().signal },
  );
  onTestFinished(() => void opened.socket.destroy());
  return opened;
}

async function failureOf(attempt: Promise<unknown>): Promise<{ name: string; detail: string }> {
  return attempt.then(
    () => expect.unreachable('connected'),
    (error: FailureError) => error.failure,
  );
}

function trustTestCertificate(): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, TEST_CERTIFICATE]);
  onTestFinished(() => setDefaultCACertificates(before));
}

describe('a trusted origin', () => {
  test.each([
    ['origin.example', 'origin.example'],
    ['origin.example.', 'origin.example'],
    // RFC 6066 §3: an address is not a host name.
    ['127.0.0.1', false],
  ])('%s is asked for as %s', async (host, serverName) => {
    trustTestCertificate();
    const origin = await tlsOrigin();
    const { socket, info } = await connect(origin.port, host);
    const accepted = await origin.accepted;
    const { servername } = accepted as TLSSocket & { servername: string | false };
    expect([servername, accepted.alpnProtocol]).toEqual([serverName, 'http/1.1']);
    expect(info.tls?.version).toBe('TLSv1.3');
    expect(info.tlsMs).toBeGreaterThan(0);
    accepted.end('hello');
    const [bytes] = await once(socket, 'data');
    expect(String(bytes)).toBe('hello');
  });

  test('must be the one that was asked for', async () => {
    trustTestCertificate();
    const { port } = await tlsOrigin();
    expect(await failureOf(connect(port, 'other.example'))).toEqual({
      name: 'tls_certificate_error',
      detail: `other.example:${port} (ERR_TLS_CERT_ALTNAME_INVALID)`,
    });
  });
});

test('an origin nobody trusts', async () => {
  const { port } = await tlsOrigin();
  expect(await failureOf(connect(port, 'origin.example'))).toEqual({
    name: 'tls_certificate_error',
    detail: `origin.example:${port} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
  });
});

test('an origin that does not speak TLS', async () => {
  const { port } = await rawOrigin((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  expect((await failureOf(connect(port, 'origin.example'))).name).toBe('tls_protocol_error');
});

test('an origin that hangs up in the handshake', async () => {
  const { port } = await rawOrigin((socket) => void socket.end());
  expect((await failureOf(connect(port, 'origin.example'))).name).toBe('tls_protocol_error');
});

test('an origin that answers with an alert', async () => {
  const { port } = await tlsOrigin({ ALPNProtocols: ['h2'] });
  expect(await failureOf(connect(port, 'origin.example'))).toEqual({
    name: 'tls_alert_received',
    detail: `origin.example:${port} (ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL)`,
  });
});

import { once } from 'node:events';
import type { SecureVersion } from 'node:tls';
import type { TlsSettings } from '@hip/wire';
import { expect, onTestFinished, test } from 'vitest';
import type { Route } from '../../src/connect/connector.ts';
import { createRouteConnector } from '../../src/connect/route-connector.ts';
import { rawOrigin } from '../support/origins.ts';
import { connectionTo, roundTrip } from '../support/recorder.ts';
import { DIRECT } from '../support/settings.ts';
import { only, ROOT, tlsClient, tlsServer, trusting } from '../support/tls-peers.ts';

// TLS as the connector and the engine above it see it.

function route(settings: TlsSettings = {}): Route {
  return { ...DIRECT, tls: tlsClient(trusting(settings)) };
}

test('an https target is reached by TLS, which takes its time', async () => {
  const server = await tlsServer();
  const connector = createRouteConnector({
    lookup: async () => ['127.0.0.1'],
  });
  const { socket, info } = await connector.connect(
    { scheme: 'https', host: 'origin.test', port: server.port },
    { route: route(), timeoutMs: 5_000, signal: new AbortController().signal },
  );
  onTestFinished(() => void socket.destroy());
  expect(info.tls).toMatchObject({ version: 'TLSv1.3', isVerified: true, isResumed: false });
  expect(info.tlsMs).toBeGreaterThan(0);
  expect(String((await once(socket, 'data'))[0])).toBe('!');
});

test('a handshake that does not end is ended by the connect timeout', async () => {
  const origin = await rawOrigin((socket) => void socket.resume());
  const connection = connectionTo(origin.port, {
    target: { scheme: 'https', host: '127.0.0.1', port: origin.port },
    route: route(),
  });
  const { failure } = await roundTrip(connection, { connectTimeoutMs: 50 });
  expect(failure?.name).toBe('connection_timeout');
});

test.each<TlsSettings['sslMaximumVersion']>(['TLSv1.2', 'TLSv1.3'])(
  'a server of %s that requires a client certificate is understood, however late it says so',
  async (version) => {
    const server = await tlsServer({
      ...only(version as SecureVersion),
      requestCert: true,
      ca: ROOT.certificate,
    });
    const connection = connectionTo(server.port, {
      target: { scheme: 'https', host: '127.0.0.1', port: server.port },
      route: route(),
    });
    const body = Buffer.alloc(300_000);
    for (const request of [{}, { method: 'POST', body }, {}, { method: 'POST', body }]) {
      const { failure } = await roundTrip(connection, request);
      expect(failure?.name).toBe('tls_alert_received');
      expect(failure?.detail).toMatch(
        /: it requires a client certificate.*certFile and keyFile, pfx or identity/,
      );
    }
  },
);

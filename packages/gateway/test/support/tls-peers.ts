import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { createServer, type SecureVersion, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Failure, TlsSettings } from '@hip/wire';
import { expect, onTestFinished } from 'vitest';
import { type SecureSocket, TlsClient } from '../../src/connect/tls-client.ts';
import { FailureError } from '../../src/errors.ts';
import { type Issued, issue } from './certificates.ts';

/** An authority that clients of {@link trusting} trust, and one that they do not. */
export const ROOT: Issued = issue({ name: 'root', isAuthority: true });
export const OTHER_ROOT: Issued = issue({ name: 'other root', isAuthority: true });

/** A server's certificate that everything is right with, for `origin.test` and 127.0.0.1. */
export const GOOD: Issued = issue({
  name: 'good',
  issuer: ROOT,
  names: ['origin.test', '127.0.0.1'],
  purpose: 'server',
});

/** What a server presents: the first one is its own, the others are sent along. */
export function presenting(own: Issued, ...above: readonly Issued[]): Pick<TlsOptions, 'cert' | 'key'> {
  return { cert: [own, ...above].map(({ certificate }) => certificate).join(''), key: own.key };
}

/** Settings of a client that trusts {@link ROOT}. */
export function trusting(settings: TlsSettings = {}): TlsSettings {
  return { caCerts: ROOT.certificate, ...settings };
}

/** A {@link TlsClient} with these settings. */
export function tlsClient(settings: TlsSettings = trusting()): TlsClient {
  return new TlsClient({ settings });
}

/** Speaks just this version. */
export function only(version: SecureVersion): Pick<TlsOptions, 'minVersion' | 'maxVersion'> {
  return { minVersion: version, maxVersion: version };
}

/** A TLS server on loopback. */
export interface TlsServer {
  readonly port: number;

  /** Sockets whose handshakes are done, in order. */
  readonly accepted: TLSSocket[];

  /** Whether each of them resumed a session. */
  readonly resumed: boolean[];
}

/** Starts a server that ends with the test. Each connection gets a byte, so that its client's handshake is really over. */
export async function tlsServer(options: TlsOptions = {}): Promise<TlsServer> {
  const accepted: TLSSocket[] = [];
  const resumed: boolean[] = [];
  const server = createServer({ ...presenting(GOOD), ...options }, (socket) => {
    socket.on('error', () => {});
    accepted.push(socket);
    resumed.push(socket.isSessionReused());
    socket.write('!');
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, accepted, resumed };
}

/** Connects to a port of 127.0.0.1 and does the handshake with whatever is there. */
export async function secure(
  client: TlsClient,
  port: number,
  {
    host = 'origin.test',
    signal = new AbortController().signal,
  }: { host?: string; signal?: AbortSignal } = {},
): Promise<SecureSocket> {
  const tcp = connectTcp(port, '127.0.0.1');
  tcp.on('error', () => {});
  onTestFinished(() => void tcp.destroy());
  await once(tcp, 'connect');
  return client.connect(tcp, { host, port, signal });
}

/** {@link secure}, until the server's byte has come: what a TLS 1.3 server sends after the handshake has arrived before it. */
export async function secureAndRead(
  client: TlsClient,
  port: number,
  options?: { host?: string },
): Promise<SecureSocket> {
  const secured = await secure(client, port, options);
  await once(secured.socket, 'data');
  return secured;
}

/** Why it failed, for the client to read. */
export async function failureOf(attempt: Promise<unknown>): Promise<Failure> {
  return attempt.then(
    () => expect.unreachable('expected a failure'),
    (error: unknown) => {
      if (!(error instanceof FailureError)) throw error;
      return error.failure;
    },
  );
}

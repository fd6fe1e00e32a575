import type { Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { AddressCheck, ConnectTarget, OriginSocket, Route } from '../../src/connect/connector.ts';
import type { Lookup } from '../../src/connect/resolve.ts';
import { createRouteConnector } from '../../src/connect/route-connector.ts';
import type { FailureError } from '../../src/errors.ts';
import { type Origin, rawOrigin } from './origins.ts';
import { readerOf } from './proxy-peers.ts';
import { DIRECT, poolSettings } from './settings.ts';
import { TEST_CERTIFICATE } from './tls-fixture.ts';

/** TLS that trusts the certificate of the tests. */
export const TRUSTING = poolSettings({ tls: { caCerts: TEST_CERTIFICATE } }).tls;

/** How to connect, where that differs from {@link connect}'s usual way. */
export interface Setup {
  target?: Partial<ConnectTarget>;
  route?: Partial<Route>;
  lookup?: Lookup;
  checkAddress?: AddressCheck;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Connects to `origin.example`; every name is at loopback. */
export async function connect({ target, route, ...setup }: Setup): Promise<OriginSocket> {
  const connector = createRouteConnector({
    lookup: setup.lookup ?? (async () => ['127.0.0.1']),
  });
  const opened = await connector.connect(
    { scheme: 'http', host: 'origin.example', port: 80, ...target },
    {
      route: { ...DIRECT, ...route, ...(setup.checkAddress && { checkAddress: setup.checkAddress }) },
      timeoutMs: setup.timeoutMs ?? 5_000,
      signal: setup.signal ?? new AbortController().signal,
    },
  );
  onTestFinished(() => void opened.socket.destroy());
  return opened;
}

/** What {@link connect} fails with. */
export async function failureOf(setup: Setup): Promise<{ name: string; detail: string }> {
  return connect(setup).then(
    () => expect.unreachable('connected'),
    (error: FailureError) => error.failure,
  );
}

/** Sends a request, and gives what comes back up to the origin's last bytes. */
export async function exchange({ socket }: OriginSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\n\r\n');
  const reader = readerOf(socket);
  const head = await reader.head();
  const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
  return Buffer.from(await reader.bytes(length)).toString('latin1');
}

/** An origin nobody should come to. */
export async function untouchedOrigin(): Promise<Origin> {
  const origin = await rawOrigin(() => {});
  onTestFinished(() => expect(origin.sockets).toHaveLength(0));
  return origin;
}

/** Waits until the peer's end of a connection is closed, by whatever. */
export async function closed(socket: Socket | undefined): Promise<void> {
  if (socket === undefined || socket.destroyed) return;
  await new Promise((resolve) => socket.resume().once('close', resolve));
}

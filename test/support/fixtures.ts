import { PoolManager, type PoolManagerOptions } from '@hip/client';
import { describe, expect, onTestFinished, test as plainTest, type SuiteAPI } from 'vitest';
import { control, Gateway, Origin, Relay } from './control.ts';
import type { GatewaySetup, RawAnswer } from './control-api.ts';
import { Nginx, RawProxy, Socks, Squid, TlsOrigin, WebSocketOrigin } from './peers/handles.ts';
import type {
  NginxSetup,
  PeerProgram,
  Pki,
  RawStep,
  SocksSetup,
  SquidSetup,
  TlsOriginSetup,
  WebSocketOriginSetup,
} from './peers/peer-api.ts';

/** What a gateway must be told so that it reaches the servers of this test run, which are all on loopback. */
export const LOOPBACK: GatewaySetup = { allow: ['127.0.0.1:*'] };

/** A server that a test has started, as `HOST:PORT` and as a URL. */
export interface Address {
  host: string;
  url: string;
}

/**
 * `test` with the parts of the data path: an `origin` of its own, a `gateway` process that the tests of a file share
 * (started with `gatewaySetup`, which a file may override), and a client, `http`, that goes through it. A test that ends or overloads a gateway starts one with
 * {@link newGateway}. `pki` has the certificates of this run.
 */
export const test = plainTest
  .extend('gatewaySetup', { scope: 'file' }, (): GatewaySetup => LOOPBACK)
  .extend('gateway', { scope: 'file' }, async ({ gatewaySetup }, { onCleanup }): Promise<Gateway> => {
    const gateway = await Gateway.start(gatewaySetup);
    onCleanup(() => gateway.stop());
    return gateway;
  })
  .extend('pki', { scope: 'file' }, (): Promise<Pki> => control('pki.get', {}))
  .extend('origin', ({}, { onCleanup }): Promise<Origin> => startOrigin(onCleanup))
  .extend('http', ({ gateway }, { onCleanup }): PoolManager => {
    const http = new PoolManager({ gateway: gateway.url, token: gateway.token });
    onCleanup(() => http.close());
    return http;
  });

/** A client of this gateway, closed after the test. */
export function newClient(gateway: Gateway, options: PoolManagerOptions = {}): PoolManager {
  const http = new PoolManager({ gateway: gateway.url, token: gateway.token, ...options });
  onTestFinished(() => http.close());
  return http;
}

/** A gateway for this test alone; without a setup it lets requests go to all of 127.0.0.1. */
export async function newGateway(setup: GatewaySetup = LOOPBACK): Promise<Gateway> {
  const gateway = await Gateway.start(setup);
  onTestFinished(() => gateway.stop());
  return gateway;
}

/** A relay in front of a gateway, for this test alone. */
export function newRelay(gateway: Gateway): Promise<Relay> {
  return stoppedAfterTest(Relay.start(gateway));
}

/** A further origin for this test alone. */
export function newOrigin(): Promise<Origin> {
  return startOrigin(onTestFinished);
}

/** A server for this test alone that answers every request with the same bytes, HTTP or not. */
export async function newRawOrigin(answer: RawAnswer): Promise<Address> {
  const { id, port } = await control('rawOrigin.start', answer);
  onTestFinished(async () => void (await control('rawOrigin.stop', { id })));
  return addressOf(port);
}

/** A port on which connecting hangs, for this test alone. */
export async function newBlackHole(): Promise<Address> {
  const { id, port } = await control('blackHole.start', {});
  onTestFinished(async () => void (await control('blackHole.stop', { id })));
  return addressOf(port);
}

/** A port that nobody listens on. */
export async function unusedAddress(): Promise<Address> {
  return addressOf((await control('port.unused', {})).port);
}

/** An nginx for this test alone. */
export function newNginx(setup?: NginxSetup): Promise<Nginx> {
  return stoppedAfterTest(Nginx.start(setup));
}

/** An HTTPS origin for this test alone. */
export function newTlsOrigin(setup?: TlsOriginSetup): Promise<TlsOrigin> {
  return stoppedAfterTest(TlsOrigin.start(setup));
}

/** A WebSocket server for this test alone. */
export function newWebSocketOrigin(setup?: WebSocketOriginSetup): Promise<WebSocketOrigin> {
  return stoppedAfterTest(WebSocketOrigin.start(setup));
}

/** A squid for this test alone. */
export function newSquid(setup?: SquidSetup): Promise<Squid> {
  return stoppedAfterTest(Squid.start(setup));
}

/** A SOCKS server for this test alone. */
export function newSocks(setup: SocksSetup): Promise<Socks> {
  return stoppedAfterTest(Socks.start(setup));
}

/** A scripted server for this test alone; `peers/raw-scripts.ts` has steps for it. */
export function newRawProxy(steps: RawStep[]): Promise<RawProxy> {
  return stoppedAfterTest(RawProxy.start(steps));
}

/**
 * `describe` for tests that need these programs. Where one is missing they are skipped, and a test beside them says so; it
 * fails where a run must have them (`CI=true` or `HIP_REQUIRE_PEERS=1`).
 */
export async function describeWith(...programs: PeerProgram[]): Promise<SuiteAPI> {
  const { missing, isRequired, hint } = await control('peers.missing', { programs });
  if (missing.length === 0) return describe;
  plainTest(`${missing.join(', ')} missing: tests are skipped (${hint})`, () =>
    expect(isRequired, 'this run must have them').toBe(false),
  );
  return describe.skip as SuiteAPI;
}

async function stoppedAfterTest<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  onTestFinished(() => started.stop());
  return started;
}

async function startOrigin(onCleanup: (stop: () => Promise<void>) => void): Promise<Origin> {
  const origin = await Origin.start();
  onCleanup(() => origin.stop());
  return origin;
}

function addressOf(port: number): Address {
  return { url: `http://127.0.0.1:${port}/`, host: `127.0.0.1:${port}` };
}

import { PoolManager, type PoolManagerOptions } from '@hip/client';
import { onTestFinished, test as plainTest } from 'vitest';
import { control, Gateway, Origin } from './control.ts';
import type { GatewaySetup, RawAnswer } from './control-api.ts';

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
 * {@link newGateway}.
 */
export const test = plainTest
  .extend('gatewaySetup', { scope: 'file' }, (): GatewaySetup => LOOPBACK)
  .extend('gateway', { scope: 'file' }, async ({ gatewaySetup }, { onCleanup }): Promise<Gateway> => {
    const gateway = await Gateway.start(gatewaySetup);
    onCleanup(() => gateway.stop());
    return gateway;
  })
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

async function startOrigin(onCleanup: (stop: () => Promise<void>) => void): Promise<Origin> {
  const origin = await Origin.start();
  onCleanup(() => origin.stop());
  return origin;
}

function addressOf(port: number): Address {
  return { url: `http://127.0.0.1:${port}/`, host: `127.0.0.1:${port}` };
}

import {
  ProxyManager,
  type ProxyManagerOptions,
  SOCKSProxyManager,
  type SOCKSProxyManagerOptions,
} from '@hip/client';
import { onTestFinished } from 'vitest';
import type { Gateway } from './control.ts';

/** A client of this gateway that goes through an HTTP proxy, closed after the test. */
export function throughProxy(
  gateway: Gateway,
  proxyUrl: string,
  options: ProxyManagerOptions = {},
): ProxyManager {
  return closedAfterTest(new ProxyManager(proxyUrl, { ...whereIs(gateway), ...options }));
}

/** A client of this gateway that goes through a SOCKS proxy, closed after the test. */
export function throughSocks(
  gateway: Gateway,
  proxyUrl: string,
  options: SOCKSProxyManagerOptions = {},
): SOCKSProxyManager {
  return closedAfterTest(new SOCKSProxyManager(proxyUrl, { ...whereIs(gateway), ...options }));
}

function whereIs({ url, token }: Gateway): { gateway: string; token: string } {
  return { gateway: url, token };
}

function closedAfterTest<T extends { close(): Promise<void> }>(http: T): T {
  onTestFinished(() => http.close());
  return http;
}

import { PoolManager } from '@hip/client';
import { createFetch, Headers, Request, Response } from '@hip/client/fetch';
import type { TunnelSetup } from './node/node-runtime.ts';

/** Puts ours in the place of the platform's. */
export function installFetch(tunnel: TunnelSetup): void {
  const http = new PoolManager({ ...tunnel, cookies: true });
  Object.assign(globalThis, { fetch: createFetch(http), Headers, Request, Response });
}

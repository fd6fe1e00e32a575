import { createHash } from 'node:crypto';
import type { Failure, PoolSettings as WireSettings } from '@hip/wire';
import { TlsClient } from '../connect/tls-client.ts';
import type { PoolSettings } from './pool-settings.ts';

/** Makes settings a client has declared ready for use, or says why the gateway cannot honour them. */
export function compileSettings(settings: WireSettings): PoolSettings | Failure {
  const { maxsize, block, tls, proxy } = settings;
  if (proxy !== undefined) return { name: 'unsupported_option', detail: 'proxy' };
  return {
    key: createHash('sha256')
      .update(JSON.stringify([maxsize, block, tls, proxy]))
      .digest('base64'),
    maxsize,
    block,
    tls: new TlsClient({ settings: tls ?? {} }),
    proxy: undefined,
    useForwardingForHttps: false,
  };
}

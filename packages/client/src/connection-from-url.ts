import { URLSchemeUnknown } from './errors.ts';
import { HTTPConnectionPool } from './http-connection-pool.ts';
import { HTTPSConnectionPool } from './https-connection-pool.ts';
import { absoluteUrl } from './pool/check-options.ts';
import type { PoolOptions } from './pool/pool-options.ts';

/**
 * A pool for the origin of a URL (urllib3's `connection_from_url()`), with sessions of its own.
 *
 * @throws {@link LocationParseError} when it is none; {@link URLSchemeUnknown}; {@link InvalidRequestError} when an option
 * cannot be honoured.
 */
export function connectionFromUrl(url: string | URL, options: PoolOptions = {}): HTTPConnectionPool {
  const { protocol, hostname, port } = absoluteUrl(url);
  return new (poolClass(protocol))(hostname, port ? +port : undefined, options);
}

/**
 * The class of pools for a scheme, with or without its colon.
 *
 * @throws {@link URLSchemeUnknown}.
 */
export function poolClass(scheme: string): typeof HTTPConnectionPool {
  const name = /^(https?):?$/i.exec(scheme)?.[1];
  if (name === undefined) {
    throw new URLSchemeUnknown('invalid_option', `Not supported URL scheme ${scheme}`, {
      scheme: scheme.replace(/:$/, ''),
    });
  }
  return name.length > 4 ? HTTPSConnectionPool : HTTPConnectionPool;
}

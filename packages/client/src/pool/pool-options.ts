import type { ConnectionOptions, ConnectionOverrides } from '../connection-options.ts';
import type { CookieJarLike, GatewayOptions } from '../options.ts';
import type { RequestDefaults } from './request-options.ts';

/** Options of a {@link HTTPConnectionPool} or {@link HTTPSConnectionPool}. */
export interface PoolOptions extends GatewayOptions, ConnectionOptions, RequestDefaults {
  /**
   * Connections the pool keeps for reuse. With {@link PoolOptions.block} also how many it opens at once.
   *
   * @defaultValue 1, {@link DEFAULTS.maxsize}
   * @see urllib3 `HTTPConnectionPool(maxsize=…)`
   */
  maxsize?: number;

  /**
   * Whether a request waits for a connection when all are busy, instead of opening one more that is thrown away
   * afterwards.
   *
   * @defaultValue false, {@link DEFAULTS.block}
   * @see urllib3 `HTTPConnectionPool(block=…)`
   */
  block?: boolean;

  /**
   * Whether cookies that origins set are kept and sent back, by `fetch()` and `request()` alike: `true` for a jar of its
   * own, in memory, or a jar that others may have too. Pools of a manager have the manager's.
   *
   * @defaultValue they are not
   */
  cookies?: CookieJarLike | boolean | undefined;
}

/** Options of a {@link PoolManager}. */
export interface PoolManagerOptions extends PoolOptions {
  /**
   * Pools kept, one per origin; the least recently used one goes first.
   *
   * @defaultValue 10, {@link DEFAULTS.numPools}
   * @see urllib3 `PoolManager(num_pools=…)`
   */
  numPools?: number;
}

/**
 * What a pool of a manager has of its own (urllib3's `pool_kwargs`): `undefined` leaves the manager's option as it is,
 * `null` takes it away.
 */
export interface PoolKwargs extends ConnectionOverrides, RequestDefaults {
  /**
   * As {@link PoolOptions.maxsize}.
   *
   * @defaultValue the manager's
   */
  readonly maxsize?: number | null | undefined;

  /**
   * As {@link PoolOptions.block}.
   *
   * @defaultValue the manager's
   */
  readonly block?: boolean | null | undefined;
}

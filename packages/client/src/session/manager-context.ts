import type { PoolSettings } from '@hip/wire';

/** What one `PoolManager` was configured with that the gateway must know. */
export interface ManagerContext extends Pick<PoolSettings, 'maxsize' | 'block'> {
  /** Name that outlives a session: after a reconnect it finds the same pools again. */
  readonly name: string;
  readonly numPools: number;
}

/** Other settings of a context: its pools, but for those it has of its own. */
export interface ContextSettings extends PoolSettings {
  readonly context: ManagerContext;
}

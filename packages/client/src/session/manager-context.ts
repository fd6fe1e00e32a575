import type { ClearMessage, CloseMessage, PoolSettings, ReleaseMessage } from '@hip/wire';

/** What one `PoolManager` was configured with that the gateway must know. */
export interface ManagerContext extends Pick<PoolSettings, 'maxsize' | 'block'> {
  /** Name that outlives a session: after a reconnect it finds the same pools again. */
  readonly name: string;
  readonly numPools: number;
  /** How often its pools were emptied: a gateway that hears of it late empties them then. */
  generation?: number;
}

/** What a gateway can be told about a context, or settings of one, that it knows. */
export type ContextOrder = Omit<ReleaseMessage, 'id'> | Omit<ClearMessage, 'id'> | Omit<CloseMessage, 'id'>;

/** Other settings of a context: its pools, but for those it has of its own. */
export interface ContextSettings extends PoolSettings {
  readonly context: ManagerContext;
}

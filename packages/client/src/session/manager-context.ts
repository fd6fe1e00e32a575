/** What one `PoolManager` was configured with that the gateway must know. */
export interface ManagerContext {
  /** Name that outlives a session: after a reconnect it finds the same pools again. */
  readonly name: string;
  readonly numPools: number;
  readonly maxsize: number;
  readonly block: boolean;
}

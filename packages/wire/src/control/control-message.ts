import type { FailureName } from '../failure.ts';
import type { PoolSettings } from './pool-settings.ts';

/** First message of a client: who it is. Nothing else counts before the gateway has accepted it. */
export interface HelloMessage {
  readonly type: 'hello';
  /** Version of the application protocol. */
  readonly protocol: number;
  /** Proof of identity; absent where the transport has already given it. */
  readonly token?: string;
  /** Name and version of the client software, for the operator's logs. */
  readonly client: string;
}

/**
 * Declares a manager context: what a `PoolManager` was configured with that the gateway must know. Its settings are
 * those of every exchange that names it.
 */
export interface ContextMessage extends PoolSettings {
  readonly type: 'context';
  /** Number exchanges of this session name it by. */
  readonly id: number;
  /** Name that outlives the session: the same name, from the same subject, finds the same pools again. */
  readonly name: string;
  /** Most pools kept, least recently used first to go (urllib3's `num_pools`). */
  readonly numPools: number;
  /** As {@link ClearMessage.generation}; 0 when absent. */
  readonly generation?: number;
}

/**
 * Declares other settings for some exchanges of a context (urllib3's `pool_kwargs`): the pools they lead to count among
 * the context's.
 */
export interface SettingsMessage extends PoolSettings {
  readonly type: 'settings';
  /** Number exchanges name them by; of the same numbers as contexts have. */
  readonly id: number;
  /** The context, as declared before. */
  readonly context: number;
}

/** The client needs a context or settings no longer. */
export interface ReleaseMessage {
  readonly type: 'release';
  /** As declared. */
  readonly id: number;
}

/**
 * Empties the pools of a context (urllib3's `clear()`): idle connections are closed now, the others when their exchange
 * ends. Said on every session that has declared it; the first one to arrive counts.
 */
export interface ClearMessage {
  readonly type: 'clear';
  /** As declared. */
  readonly id: number;
  /**
   * How often the context was emptied, this time included. Connections of an earlier generation are closed as soon as
   * the gateway learns of a later one.
   */
  readonly generation: number;
}

/** Empties one pool of a context (urllib3's `HTTPConnectionPool.close()`). Said on one session. */
export interface CloseMessage {
  readonly type: 'close';
  /** The context or settings the pool's requests name. */
  readonly id: number;
  /** Of the pool's requests: `http` or `https`. */
  readonly scheme: string;
  /** Of the pool's requests. */
  readonly authority: string;
}

/** The gateway accepts the session. */
export interface ReadyMessage {
  readonly type: 'ready';
  /** Version of the application protocol. */
  readonly protocol: number;
  /** Name and version of the gateway software. */
  readonly gateway: string;
  /** Bounds the client should know to fail early. */
  readonly limits: {
    /** Largest header section accepted, in bytes. */
    readonly maxHeadBytes: number;
    /** Exchanges open at once in this session. */
    readonly maxStreams: number;
  };
  /** Names of optional abilities. */
  readonly features: readonly string[];
}

/** The gateway is going away: open a new session for what comes next; what runs may finish. */
export interface DrainMessage {
  readonly type: 'drain';
  /** Milliseconds until the session is closed whatever still runs. */
  readonly deadlineMs: number;
}

/** The gateway refuses something said on the control stream. */
export interface FailureMessage {
  readonly type: 'failure';
  /** Row of the failure table. */
  readonly name: FailureName;
  /** What happened, for a person. */
  readonly detail: string;
  /** Context or settings it concerns, if any. */
  readonly context?: number;
}

/** What a client says on the control stream. */
export type ClientMessage =
  | HelloMessage
  | ContextMessage
  | SettingsMessage
  | ReleaseMessage
  | ClearMessage
  | CloseMessage;

/** What a gateway says on the control stream. */
export type GatewayMessage = ReadyMessage | DrainMessage | FailureMessage;

import type { ProxyServer } from '../connect/connector.ts';
import type { TlsClient } from '../connect/tls-client.ts';
import type { NotedFailure, OperatorNote } from '../errors.ts';
import type { PoolKey } from './pool-key.ts';

/** How the connections of a pool are made and kept, ready for use: the wire's settings after they were checked. */
export interface PoolSettings {
  /** Equal exactly when all settings are. A digest: it holds no secret. */
  readonly key: string;

  /** Connections kept. */
  readonly maxsize: number;

  /** Whether `maxsize` also bounds how many connections are open at once. */
  readonly block: boolean;

  /** Toward origins. */
  readonly tls: TlsClient;

  /** Between the gateway and all origins. */
  readonly proxy: ProxyServer | undefined;

  /** Whether an `https:` proxy gets requests for `https:` origins as they are, instead of a CONNECT. */
  readonly useForwardingForHttps: boolean;

  /** What was decided for the authorities of each scheme; see {@link Destination}. */
  readonly destinations: {
    readonly http: Map<string, Destination>;
    readonly https: Map<string, Destination>;
  };
}

/**
 * Where requests to one scheme and authority go under these settings, and what the operator is told of each, or why they go
 * nowhere. The same for all of them, or for all with the same method.
 */
export type Destination =
  | { readonly key: PoolKey; readonly reported: readonly OperatorNote[] }
  | NotedFailure;

import type { Socket } from 'node:net';

/** Where a connection goes, as the client named it. */
export interface ConnectTarget {
  readonly scheme: 'http' | 'https';

  /** Name or address in lower case; an IPv6 address without brackets. */
  readonly host: string;

  /** 1 to 65535. */
  readonly port: number;
}

/** May the gateway connect here? `reason` is for the operator and the client, so it names no address. */
export type AddressDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string };

/** Asked for each resolved address, and once more for the address a socket is really connected to. */
export type AddressCheck = (target: { host: string; port: number }, address: string) => AddressDecision;

/** How a connection came to be. */
export interface ConnectionInfo {
  /** Address the socket is connected to. Goes to the client only if the policy says so. */
  readonly remoteAddress: string;
  readonly remotePort: number;

  /** Name resolution, in milliseconds; near 0 for an address. */
  readonly resolveMs: number;

  /** TCP handshake, in milliseconds. */
  readonly tcpMs: number;

  /** TLS handshake, in milliseconds; 0 for `http:`. */
  readonly tlsMs: number;

  /** `TLSv1.2`, `TLSv1.3`, or `undefined` for `http:`. */
  readonly tlsVersion: string | undefined;
}

/** A socket that an HTTP engine may write its first request to. */
export interface OriginSocket {
  readonly socket: Socket;
  readonly info: ConnectionInfo;
}

/** What {@link Connector.connect} needs beside the target. */
export interface ConnectOptions {
  /** From the call until the socket is usable (name, TCP, TLS), in milliseconds. `0` means no limit. */
  readonly timeoutMs: number;

  /** Gives up; whatever was begun is closed. */
  readonly signal: AbortSignal;
}

/** The seam under the pools: opens the socket an HTTP engine then owns. */
export interface Connector {
  /** Rejects with a {@link FailureError}, or with the signal's reason. */
  connect(target: ConnectTarget, options: ConnectOptions): Promise<OriginSocket>;
}

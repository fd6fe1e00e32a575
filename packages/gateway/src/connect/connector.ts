import type { Socket } from 'node:net';
import type { FieldLines } from '@hip/wire';
import type { OperatorNote } from '../errors.ts';
import type { TlsClient, TlsFacts } from './tls-client.ts';

/** Where a connection goes, as the client named it. */
export interface ConnectTarget {
  readonly scheme: 'http' | 'https';

  /** Name or address in lower case; an IPv6 address without brackets. */
  readonly host: string;

  /** 1 to 65535. */
  readonly port: number;
}

/** Schemes of proxies, as urllib3 names them. */
export type ProxyScheme = 'http' | 'https' | 'socks4' | 'socks4a' | 'socks5' | 'socks5h';

/** A proxy that connections go through. */
export interface ProxyServer {
  readonly scheme: ProxyScheme;

  /** As in {@link ConnectTarget}. */
  readonly host: string;

  /** 1 to 65535. */
  readonly port: number;

  /** For an HTTP proxy: sent with CONNECT and with each forwarded request. */
  readonly headers: FieldLines;

  /** For a SOCKS proxy; the user identifier of SOCKS4. */
  readonly username: string | undefined;

  /** For a SOCKS5 proxy (RFC 1929). */
  readonly password: string | undefined;

  /** TLS toward an `https:` proxy. */
  readonly tls: TlsClient;
}

/** How connections to a target are made: what separates two pools beside the target. */
export interface Route {
  /** TLS toward an `https:` target. */
  readonly tls: TlsClient;

  /** Between the gateway and the target; `undefined` goes straight there. */
  readonly proxy: ProxyServer | undefined;

  /** The target is itself a proxy, to which requests are forwarded: its failures are those of a proxy. */
  readonly isTargetProxy: boolean;

  /** Asked about each address that is connected to, or that a proxy is given. */
  readonly checkAddress: AddressCheck;
}

/**
 * May the gateway connect here? `reason` is for the client, so it names no address; `note` is for the operator's log, and
 * tells everything.
 */
export type AddressDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string; readonly note?: OperatorNote };

/**
 * Asked for each resolved address, and once more for the address a socket is really connected to.
 *
 * @param hop - the target of the route, or its proxy: the object itself.
 */
export type AddressCheck = (hop: { host: string; port: number }, address: string) => AddressDecision;

/** What was decided for connections before anything was resolved. */
export interface AddressGrant {
  /** Equal exactly for decisions that take and refuse the same addresses of the same place. */
  readonly key: string;

  readonly checkAddress: AddressCheck;
}

/** How a connection came to be. */
export interface ConnectionInfo {
  /** Address the socket is connected to. Goes to the client only if the policy says so. */
  readonly remoteAddress: string;
  readonly remotePort: number;

  /** Name resolution, in milliseconds; near 0 for an address. */
  readonly resolveMs: number;

  /** TCP handshake, and what the proxy needs to open its side, in milliseconds. */
  readonly tcpMs: number;

  /** TLS handshake with the target, in milliseconds; 0 for `http:`. */
  readonly tlsMs: number;

  /** Of TLS with the target; `undefined` for `http:`. */
  readonly tls: TlsFacts | undefined;
}

/** A socket that an HTTP engine may write its first request to. */
export interface OriginSocket {
  readonly socket: Socket;
  readonly info: ConnectionInfo;
}

/** What {@link Connector.connect} needs beside the target. */
export interface ConnectOptions {
  /** How to get there. */
  readonly route: Route;

  /** From the call until the socket is usable (name, TCP, proxy, TLS), in milliseconds. `0` means no limit. */
  readonly timeoutMs: number;

  /** Gives up; whatever was begun is closed. */
  readonly signal: AbortSignal;
}

/** The seam under the pools: opens the socket an HTTP engine then owns. */
export interface Connector {
  /** Rejects with a {@link FailureError}, or with the signal's reason. */
  connect(target: ConnectTarget, options: ConnectOptions): Promise<OriginSocket>;
}

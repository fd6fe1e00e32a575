/**
 * What a test may ask of the control server. Types only: both the server (Node) and the tests (Node and
 * browser) import this file, so a call that one side does not know is a type error on the other.
 */

import type { PeerApi } from './peers/peer-api.ts';

/** How a gateway process is started. */
export interface GatewaySetup {
  /** `HOST:PORT` pairs for `--allow`. */
  allow?: string[];
  /** Content of the `--config` file; left out: no file. */
  config?: Record<string, unknown>;
  /** Added to the command line as they are. */
  args?: string[];
  /** Text files in the directory that it runs in, by name: `config` and `args` can name them as they are here. */
  files?: Record<string, string>;
  /** `HOST:PORT` for `--listen`; left out: a free port of 127.0.0.1. */
  listen?: string;
  /** Left out: a random one. */
  token?: string;
}

/** A running gateway process. */
export interface GatewayInfo {
  id: string;
  /** The session URL that it printed. */
  url: string;
  token: string;
}

/** What can be seen of a gateway process from outside. */
export interface GatewayStatus {
  isRunning: boolean;
  /** `null` while it runs, and where a signal ended it. */
  exitCode: number | null;
  /** Everything it wrote to stderr, last 256 KiB. */
  stderr: string;
  rssBytes: number;
  /** Highest resident set since it started or since `resetPeak`. */
  peakRssBytes: number;
}

export type GatewaySignal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** One request as the origin saw it. */
export interface RequestRecord {
  id: number;
  /** Number of the connection it came on, from 1. */
  connection: number;
  method: string;
  /** Path with query, as on the request line. */
  target: string;
  httpVersion: string;
  /** Field names and values in turn, in the order and the case in which they came. */
  rawHeaders: string[];
  receivedBytes: number;
  /** Hex SHA-256 of the content received; `null` until it has ended. */
  receivedSha256: string | null;
  /** Content bytes given to the socket. */
  sentBytes: number;
  /** `aborted`: the connection closed before the exchange was complete. */
  outcome: 'open' | 'complete' | 'aborted';
}

/** What an origin has counted. */
export interface OriginCounts {
  connectionsOpened: number;
  connectionsOpen: number;
  /** Most connections open at the same time. */
  maxConnectionsOpen: number;
  requestsOpen: number;
  maxRequestsOpen: number;
  /** In order of arrival. */
  requests: RequestRecord[];
}

/** What a raw origin does once it has read a request head. */
export interface RawAnswer {
  /** Written as latin-1, exactly as given. */
  bytes: string;
  /** After the bytes: FIN, RST, or nothing (the connection then answers further requests the same way). */
  ending: 'close' | 'reset' | 'hold';
}

export interface OriginInfo {
  id: string;
  port: number;
}

/** Content that is to be compressed, and how. */
export interface Compression {
  coding: 'gzip' | 'deflate' | 'deflate-raw' | 'br' | 'zstd';
  /** The content in base64, or how many zeros. */
  content: string | number;
  /** As the compressor counts it. */
  level?: number;
  /** Of zstd: base 2 logarithm of the window. */
  windowLog?: number;
}

/** Every method of the control server: one parameter object in, one JSON value out. */
export interface ControlApi extends PeerApi {
  'gateway.start'(setup: GatewaySetup): GatewayInfo;
  /** Starts it again on the same port with the same token and setup; the earlier process must have ended. */
  'gateway.restart'(target: { id: string }): GatewayInfo;
  'gateway.signal'(target: { id: string; signal: GatewaySignal }): null;
  /** Resolves once the process has ended. */
  /** What Node reports of itself while it runs: stacks, handles, environment, command line. */
  'gateway.report'(target: { id: string }): { text: string };
  'gateway.exited'(target: { id: string }): GatewayStatus;
  'gateway.status'(target: { id: string }): GatewayStatus;
  /** From now on `peakRssBytes` counts anew. */
  'gateway.resetPeak'(target: { id: string }): null;
  'gateway.stop'(target: { id: string }): null;
  'origin.start'(setup: Record<string, never>): OriginInfo;
  'origin.counts'(target: { id: string }): OriginCounts;
  /** Lets everything that waits for this latch, now or later, go on. */
  'origin.release'(target: { id: string; latch: string }): null;
  /** Closes connections that have no request on them, as a keep-alive timeout does. */
  'origin.closeIdle'(target: { id: string }): null;
  'origin.stop'(target: { id: string }): null;
  'rawOrigin.start'(setup: RawAnswer): OriginInfo;
  'rawOrigin.stop'(target: { id: string }): null;
  /** A port that takes no connection: its SYNs stay unanswered. */
  'blackHole.start'(setup: Record<string, never>): OriginInfo;
  'blackHole.stop'(target: { id: string }): null;
  /** A relay in front of a port of loopback. */
  'relay.start'(setup: { port: number }): OriginInfo;
  /** Its connections of now are lost: both ends hear nothing more, and nothing of each other's end. */
  'relay.lose'(target: { id: string }): null;
  'relay.stop'(target: { id: string }): null;
  /** A port that nobody listens on. */
  'port.unused'(setup: Record<string, never>): { port: number };
  /** What `node:zlib` makes of content, in base64. */
  compress(compression: Compression): { base64: string };
}

export type ControlMethod = keyof ControlApi;
export type ControlParams<M extends ControlMethod> = Parameters<ControlApi[M]>[0];
export type ControlResult<M extends ControlMethod> = ReturnType<ControlApi[M]>;

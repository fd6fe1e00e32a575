/** A carrier of whole records, both ways, in order. The seam under a session: a WebSocket today. */
export interface Transport {
  /** What it is, for those who ask how a response came. */
  readonly name: 'websocket';

  /** Sends one record. Its memory is used again after the call: a carrier that does not copy it at once must. */
  send(record: Uint8Array<ArrayBuffer>): void;

  /** Bytes given to {@link Transport.send} that have not left yet; 0 where the platform does not tell. */
  readonly bufferedBytes: number;

  /** Closes in order; what was sent before still leaves. */
  close(reason: string): void;
}

/** What a transport tells its session. */
export interface TransportHandler {
  /** The transport is open. */
  opened(): void;

  /** A record arrived. */
  record(record: Uint8Array): void;

  /** The transport is gone, opened or not. Called once. */
  closed(reason: string): void;
}

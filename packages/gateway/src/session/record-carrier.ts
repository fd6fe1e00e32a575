/** What carries a session's records: a WebSocket today. */
export interface RecordCarrier {
  /** Sends one record; `sent` is called when it has been handed to the network, or never will be. */
  send(record: Uint8Array<ArrayBuffer>, sent: () => void): void;

  /** Bytes given to {@link RecordCarrier.send} that the network has not taken. */
  readonly bufferedBytes: number;

  /** Closes in order, after what was sent; `isLeaving` where the gateway goes away. */
  close(reason: string, isLeaving: boolean): void;
}

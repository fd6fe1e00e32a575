import type { TransportParameters } from './transport-parameters.ts';

/**
 * Takes the frames of a record one by one, in order. Arguments instead of frame objects: nothing is allocated per
 * frame but the view of a STREAM frame's content.
 */
export interface FrameSink {
  /** One or more PADDING in a row (RFC 9000 §19.1). */
  padding(): void;
  /** STREAM (RFC 9000 §19.8). */
  stream(id: number, offset: number, content: Uint8Array, fin: boolean): void;
  /** RESET_STREAM (RFC 9000 §19.4). */
  resetStream(id: number, code: number, finalSize: number): void;
  /** STOP_SENDING (RFC 9000 §19.5). */
  stopSending(id: number, code: number): void;
  /** MAX_DATA (RFC 9000 §19.9). */
  maxData(limit: number): void;
  /** MAX_STREAM_DATA (RFC 9000 §19.10). */
  maxStreamData(id: number, limit: number): void;
  /** MAX_STREAMS (RFC 9000 §19.11). */
  maxStreams(bidirectional: boolean, limit: number): void;
  /** DATA_BLOCKED (RFC 9000 §19.12). */
  dataBlocked(limit: number): void;
  /** STREAM_DATA_BLOCKED (RFC 9000 §19.13). */
  streamDataBlocked(id: number, limit: number): void;
  /** STREAMS_BLOCKED (RFC 9000 §19.14). */
  streamsBlocked(bidirectional: boolean, limit: number): void;
  /** CONNECTION_CLOSE (RFC 9000 §19.19); `application` tells 0x1d from 0x1c. */
  connectionClose(application: boolean, code: number, reason: string): void;
  /** QX_TRANSPORT_PARAMETERS (draft-ietf-quic-qmux-02 §4.2). */
  transportParameters(parameters: TransportParameters): void;
  /** QX_PING (draft-ietf-quic-qmux-02 §4.3). */
  ping(response: boolean, sequence: number): void;
}

import type { TransportParameters } from '../frame/transport-parameters.ts';
import type { Perspective } from '../perspective.ts';
import type { PeerStreams } from './peer-streams.ts';
import type { SessionClose, Stream, StreamHandler } from './stream.ts';

/** What the user of a session learns from it. None of these may throw. */
export interface SessionHandler {
  /** The peer's transport parameters are here: streams may be opened. */
  ready(): void;
  /** The peer opened one of {@link SessionOptions.peerStreams}; gives the handler of it. */
  stream(stream: Stream): StreamHandler;
  /** More streams may be opened than when {@link Session.openStream} last refused. */
  streamsAvailable(): void;
  /** {@link Session.nextRecord} has something to give. Called once until it has given everything. */
  wantsToSend(): void;
  /** The session is over. Its last records, if any, are still to be sent. */
  closed(close: SessionClose): void;
}

/** What a session is made of. */
export interface SessionOptions {
  /** Which end this is. */
  readonly perspective: Perspective;
  /** What the peer is allowed. */
  readonly parameters: TransportParameters;
  /**
   * Streams the peer may open: as many as `parameters` tell it.
   *
   * @defaultValue none
   */
  readonly peerStreams?: PeerStreams;
  /** Who learns what happens. */
  readonly handler: SessionHandler;
  /** Clock in milliseconds, any origin. */
  readonly now: () => number;
}

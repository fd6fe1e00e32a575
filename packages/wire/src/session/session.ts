import { ByteReader } from '../byte-reader.ts';
import { violation, WireError } from '../errors.ts';
import { writeConnectionClose } from '../frame/connection-close-frame.ts';
import { decodeRecord } from '../frame/decode-record.ts';
import type { FrameSink } from '../frame/frame-sink.ts';
import { writeMaxData } from '../frame/max-data-frame.ts';
import { writeMaxStreams } from '../frame/max-streams-frame.ts';
import { writePing } from '../frame/qx-ping-frame.ts';
import {
  ABSENT_PARAMETERS,
  type TransportParameters,
  writeTransportParameters,
} from '../frame/transport-parameters.ts';
import * as WIRE_LIMITS from '../limits.ts';
import type { Perspective } from '../perspective.ts';
import {
  FLOW_CONTROL_ERROR,
  FRAME_ENCODING_ERROR,
  INTERNAL_ERROR,
  NO_ERROR,
  STREAM_LIMIT_ERROR,
  STREAM_STATE_ERROR,
} from '../transport-error.ts';
import { OutgoingRecords } from './outgoing-records.ts';
import type { PeerStreams } from './peer-streams.ts';
import { ReceiveWindow } from './receive-window.ts';
import { RoundTrip } from './round-trip.ts';
import { SendScheduler } from './send-scheduler.ts';
import type { SessionHandler, SessionOptions } from './session-handler.ts';
import { growthBudget } from './session-parameters.ts';
import { type SessionClose, Stream, type StreamHandler, type StreamHost } from './stream.ts';
import { bidirectionalStreamId, isBidirectional, streamIndex, streamInitiator } from './stream-id.ts';

/**
 * A QMux session (draft-ietf-quic-qmux-02) without I/O: records in, calls to a handler and records out. The shell that
 * owns the carrier feeds {@link Session.receive} and drains {@link Session.nextRecord}.
 *
 *     waiting ──QX_TRANSPORT_PARAMETERS──▶ open ──close() / CONNECTION_CLOSE / fault / transport lost──▶ closed
 */
export class Session {
  readonly #perspective: Perspective;
  readonly #parameters: TransportParameters;
  readonly #handler: SessionHandler;
  readonly #now: () => number;

  #state: 'waiting' | 'open' | 'closed' = 'waiting';
  #close: SessionClose | undefined;
  #peer: TransportParameters = ABSENT_PARAMETERS;
  readonly #streams = new Map<number, Stream>();

  // Streams we open.
  #opened = 0;
  #openLimit = 0;
  #refusedToOpen = false;

  // Streams the peer opens.
  readonly #peerStreams: PeerStreams | undefined;

  // Receiving.
  readonly #reader = new ByteReader();
  /** Whether the record being read has had no content yet. */
  #isFirstContent = true;
  readonly #window: ReceiveWindow;
  /** What windows may still grow in all, in bytes. */
  #growthBytes: number;
  readonly #roundTrip = new RoundTrip();

  // Sending.
  readonly #records: OutgoingRecords;
  readonly #scheduler = new SendScheduler();

  /** Opens the session: its transport parameters are the first record to send. */
  constructor(options: SessionOptions) {
    this.#perspective = options.perspective;
    this.#parameters = options.parameters;
    this.#handler = options.handler;
    this.#now = options.now;
    this.#window = new ReceiveWindow(options.parameters.initialMaxData);
    this.#growthBytes = growthBudget(options.parameters);
    this.#peerStreams = options.peerStreams;
    this.#records = new OutgoingRecords(() => this.#handler.wantsToSend());
    writeTransportParameters(this.#records.writer, options.parameters);
  }

  /** Whether the session is over. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Number of streams open in both directions together. */
  get streamCount(): number {
    return this.#streams.size;
  }

  // Opening streams.

  /** How many streams may be opened right now. */
  get streamsAvailable(): number {
    return this.#state === 'open' ? this.#openLimit - this.#opened : 0;
  }

  /** Opens a stream, or gives `undefined` when the peer allows none now: {@link SessionHandler.streamsAvailable} tells. */
  openStream(handler: StreamHandler): Stream | undefined {
    if (this.streamsAvailable <= 0) {
      this.#refusedToOpen = true;
      return undefined;
    }
    const id = bidirectionalStreamId(this.#perspective, this.#opened++);
    const stream = new Stream(
      id,
      this.#host,
      this.#peer.initialMaxStreamDataBidiRemote,
      this.#parameters.initialMaxStreamDataBidiLocal,
    );
    stream.handler = handler;
    this.#streams.set(id, stream);
    return stream;
  }

  // Receiving.

  /**
   * Takes one record: one message of the carrier, in a buffer of its own if {@link StreamHandler.data} is to be told what
   * is exclusive. Whatever is wrong with it closes the session; nothing is thrown.
   */
  receive(record: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (record.length > this.#parameters.maxRecordSize) {
      this.fail(
        FRAME_ENCODING_ERROR,
        `record must have at most ${this.#parameters.maxRecordSize} bytes, got ${record.length}`,
      );
      return;
    }
    this.#reader.reset(record);
    this.#isFirstContent = true;
    try {
      decodeRecord(this.#reader, this.#frames);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.fail(error.code, error.message);
    }
    if (this.#records.isOverrun) {
      this.fail(INTERNAL_ERROR, 'peer must read the answers it asks for');
    }
  }

  // Sending.

  /** The next record to send, or `undefined` when there is nothing to send or no credit to send it with. */
  nextRecord(): Uint8Array<ArrayBuffer> | undefined {
    return this.#records.next((writer, roomBytes) => {
      if (this.#state !== 'open') return;
      const answer = this.#roundTrip.takeOwedAnswer();
      if (answer >= 0) writePing(this.#records.control(), true, answer);
      this.#scheduler.fill(writer, roomBytes);
    });
  }

  /** A record has left: its memory is used for the next one. Optional; never before the carrier is done with it. */
  recordSent(record: Uint8Array<ArrayBuffer>): void {
    this.#records.writer.recycle(record);
  }

  /** Asks the peer for a sign of life; gives the number of the ping. */
  ping(): number {
    const sequence = this.#roundTrip.ask(this.#now());
    if (this.#state === 'open') writePing(this.#records.control(), false, sequence);
    return sequence;
  }

  /** Number of the latest {@link Session.ping} the peer has answered; -1 when it has answered none. */
  get answeredPing(): number {
    return this.#roundTrip.answered;
  }

  /** Whether more round trips must be measured before a stream's credit may grow. */
  get needsRoundTrips(): boolean {
    return this.#roundTrip.sampleCount < WIRE_LIMITS.minRoundTripSamples;
  }

  /** Shortest round trip seen, in milliseconds; 0 before the first answer to a {@link Session.ping}. */
  get roundTripMs(): number {
    return this.#roundTrip.shortestMs;
  }

  // Ending.

  /** Ends the session with a code of the application. */
  close(code: number, reason: string): void {
    this.#end({ initiator: 'local', application: true, code, reason });
  }

  /** Ends the session because of a fault; `code` is one of {@link TRANSPORT_ERRORS}. */
  fail(code: number, reason: string): void {
    this.#end({ initiator: 'local', application: false, code, reason });
  }

  /** The carrier is gone. */
  transportLost(reason: string): void {
    this.#end({ initiator: 'transport', application: false, code: NO_ERROR, reason });
  }

  #end(close: SessionClose): void {
    if (this.#state === 'closed') return;
    if (close.initiator === 'local') {
      writeConnectionClose(this.#records.last(), close.application, close.code, close.reason);
    }
    this.#state = 'closed';
    this.#close = close;
    // draft-ietf-quic-qmux-02 §7.3: whoever is told of the end has nothing more to say.
    if (close.initiator !== 'local') this.#records.clear();
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    this.#scheduler.clear();
    for (const stream of streams) stream.receiveClose(close);
    this.#handler.closed(close);
  }

  // Frames.

  readonly #frames: FrameSink = {
    transportParameters: (parameters) => {
      if (this.#state !== 'waiting') {
        throw violation('QX_TRANSPORT_PARAMETERS must come once, as the first frame');
      }
      this.#state = 'open';
      this.#peer = parameters;
      this.#records.maxBytes = Math.min(WIRE_LIMITS.maxRecordBytes, parameters.maxRecordSize);
      this.#scheduler.raiseLimit(parameters.initialMaxData);
      this.#openLimit = parameters.initialMaxStreamsBidi;
      this.#handler.ready();
    },
    stream: (id, offset, content, fin) => {
      const exclusive = this.#isFirstContent && this.#reader.remaining === 0;
      this.#isFirstContent = false;
      if (!this.#expectOpen()) return;
      const stream = this.#streamNamed(id);
      if (stream === undefined) {
        if (this.#state === 'closed') return;
        throw new WireError(STREAM_STATE_ERROR, `stream ${id} has ended, yet more content came`);
      }
      this.#takeCredit(content.length);
      stream.receiveData(offset, content, fin, exclusive);
    },
    resetStream: (id, code, finalSize) => {
      if (!this.#expectOpen()) return;
      const stream = this.#streamNamed(id);
      if (stream === undefined) return;
      // What the final size adds was never counted by a STREAM frame.
      this.#takeCredit(stream.missingBytes(finalSize));
      stream.receiveReset(code, finalSize);
    },
    stopSending: (id, code) => {
      if (this.#expectOpen()) this.#streamNamed(id)?.receiveStopSending(code);
    },
    maxData: (limit) => {
      if (this.#expectOpen() && this.#scheduler.raiseLimit(limit)) this.#records.announce();
    },
    maxStreamData: (id, limit) => {
      if (this.#expectOpen()) this.#streamNamed(id)?.receiveMaxStreamData(limit);
    },
    maxStreams: (bidirectional, limit) => {
      if (!this.#expectOpen() || !bidirectional || limit <= this.#openLimit) return;
      this.#openLimit = limit;
      if (!this.#refusedToOpen) return;
      this.#refusedToOpen = false;
      this.#handler.streamsAvailable();
    },
    padding: () => void this.#expectOpen(),
    // What the peer would like to send changes nothing: credit follows the reader.
    dataBlocked: () => void this.#expectOpen(),
    streamDataBlocked: (id) => {
      // It opens the stream all the same, or breaks the limit of streams (RFC 9000 §3.2, §4.6).
      if (this.#expectOpen()) this.#streamNamed(id);
    },
    streamsBlocked: () => void this.#expectOpen(),
    connectionClose: (application, code, reason) => {
      this.#end({ initiator: 'peer', application, code, reason });
    },
    ping: (response, sequence) => {
      if (!this.#expectOpen()) return;
      if (response) this.#roundTrip.receiveAnswer(sequence, this.#now());
      else this.#roundTrip.receiveAsk(sequence);
      if (!response) this.#records.announce();
    },
  };

  /**
   * Whether frames still count: not after the session ended in the middle of a record.
   *
   * @throws {@link WireError} when a frame comes before the transport parameters (draft-ietf-quic-qmux-02 §4.2).
   */
  #expectOpen(): boolean {
    if (this.#state === 'waiting') {
      throw violation('QX_TRANSPORT_PARAMETERS must be the first frame');
    }
    return this.#state === 'open';
  }

  #takeCredit(bytes: number): void {
    if (this.#window.wouldOverflow(bytes)) {
      throw new WireError(FLOW_CONTROL_ERROR, "content must stay within the session's credit");
    }
    this.#window.received += bytes;
  }

  /** The stream a frame names; opens it when the peer may; `undefined` when it has ended. */
  #streamNamed(id: number): Stream | undefined {
    const stream = this.#streams.get(id);
    if (stream !== undefined) return stream;
    if (streamInitiator(id) === this.#perspective) {
      // RFC 9000 §19.8: a locally initiated stream that has not been created, or one that only sends.
      if (!isBidirectional(id) || streamIndex(id) >= this.#opened) {
        throw new WireError(STREAM_STATE_ERROR, `stream ${id} was never opened`);
      }
      return undefined;
    }
    if (this.#peerStreams === undefined || !isBidirectional(id)) {
      throw new WireError(STREAM_LIMIT_ERROR, `stream ${id} must not be opened`);
    }
    if (!this.#peerStreams.opens(streamIndex(id))) return undefined;
    return this.#acceptStream(id);
  }

  #acceptStream(id: number): Stream | undefined {
    const stream = new Stream(
      id,
      this.#host,
      this.#peer.initialMaxStreamDataBidiLocal,
      this.#parameters.initialMaxStreamDataBidiRemote,
    );
    stream.handler = this.#handler.stream(stream);
    if (this.#close !== undefined) {
      // Its user ended the session instead.
      stream.receiveClose(this.#close);
      return undefined;
    }
    this.#streams.set(id, stream);
    return stream;
  }

  // What streams ask for.

  readonly #host: StreamHost = {
    ready: (stream) => {
      if (this.#scheduler.add(stream)) this.#records.announce();
    },
    queued: (bytes) => this.#scheduler.queued(bytes),
    control: () => (this.#state === 'open' ? this.#records.control() : undefined),
    consumed: (bytes) => {
      this.#window.consume(bytes);
      const limit = this.#window.nextSharedLimit();
      if (limit > 0 && this.#state === 'open') writeMaxData(this.#records.control(), limit);
    },
    growth: (window) => {
      const roundTripMs = this.#roundTrip.shortestMs;
      if (roundTripMs < WIRE_LIMITS.minGrowthRoundTripMs) return 0;
      if (!window.isHoldingBack(this.#now(), roundTripMs)) return 0;
      if (this.#roundTrip.sampleCount < WIRE_LIMITS.minRoundTripSamples) {
        if (this.#roundTrip.unansweredSinceMs === undefined) this.ping();
        return 0;
      }
      const growth = Math.min(
        window.windowBytes,
        WIRE_LIMITS.maxStreamWindowBytes - window.windowBytes,
        this.#growthBytes,
      );
      if (growth <= 0) return 0;
      this.#growthBytes -= growth;
      return growth;
    },
    finished: (stream) => {
      if (!this.#streams.delete(stream.id)) return;
      this.#growthBytes += stream.grownBytes;
      if (this.#peerStreams === undefined || streamInitiator(stream.id) === this.#perspective) return;
      if (this.#state !== 'open') return;
      const limit = this.#peerStreams.finish();
      if (limit > 0) writeMaxStreams(this.#records.control(), true, limit);
    },
  };
}

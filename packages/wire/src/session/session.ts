import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { TRANSPORT_ERRORS, type TransportErrorName, WireError } from '../errors.ts';
import { writeConnectionClose } from '../frame/connection-close-frame.ts';
import { decodeRecord } from '../frame/decode-record.ts';
import type { FrameSink } from '../frame/frame-sink.ts';
import { writeMaxData } from '../frame/max-data-frame.ts';
import { writeMaxStreamData } from '../frame/max-stream-data-frame.ts';
import { writeMaxStreams } from '../frame/max-streams-frame.ts';
import { writePing } from '../frame/qx-ping-frame.ts';
import { writeResetStream } from '../frame/reset-stream-frame.ts';
import { writeStopSending } from '../frame/stop-sending-frame.ts';
import {
  ABSENT_PARAMETERS,
  type TransportParameters,
  writeTransportParameters,
} from '../frame/transport-parameters.ts';
import { WIRE_LIMITS } from '../limits.ts';
import type { Perspective } from '../perspective.ts';
import { PeerStreams } from './peer-streams.ts';
import { ReceiveWindow } from './receive-window.ts';
import { RoundTrip } from './round-trip.ts';
import { type SessionClose, Stream, type StreamHandler, type StreamHost } from './stream.ts';
import { bidirectionalStreamId, isBidirectional, streamIndex, streamInitiator } from './stream-id.ts';

/** Longest control frame but CONNECTION_CLOSE: a type and three eight-byte integers. */
const MAX_CONTROL_FRAME_BYTES = 32;

/** What the user of a session learns from it. None of these may throw. */
export interface SessionHandler {
  /** The peer's transport parameters are here: streams may be opened. */
  ready(): void;
  /** The peer opened a stream; gives the handler of it. */
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
  /** What the peer is allowed; {@link defaultParameters} has the usual. */
  readonly parameters: TransportParameters;
  /** Who learns what happens. */
  readonly handler: SessionHandler;
  /** Clock in milliseconds, any origin. */
  readonly now: () => number;
}

/** Transport parameters of one end: only clients open streams, and only bidirectional ones. */
export function defaultParameters(
  perspective: Perspective,
  maxStreams: number = WIRE_LIMITS.maxStreams,
): TransportParameters {
  return {
    ...ABSENT_PARAMETERS,
    initialMaxData: WIRE_LIMITS.sessionWindowBytes,
    initialMaxStreamDataBidiLocal: perspective === 'client' ? WIRE_LIMITS.streamWindowBytes : 0,
    initialMaxStreamDataBidiRemote: perspective === 'gateway' ? WIRE_LIMITS.streamWindowBytes : 0,
    initialMaxStreamsBidi: perspective === 'gateway' ? maxStreams : 0,
    maxRecordSize: WIRE_LIMITS.maxRecordBytes,
  };
}

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
  readonly #peerStreams: PeerStreams;

  // Receiving.
  readonly #reader = new ByteReader();
  /** Whether the record being read has had no content yet. */
  #isFirstContent = true;
  readonly #window: ReceiveWindow;
  #windowsGiven = 0;
  readonly #roundTrip = new RoundTrip();

  // Sending.
  readonly #writer = new ByteWriter();
  readonly #outbox: Uint8Array<ArrayBuffer>[] = [];
  #outboxBytes = 0;
  #readyStreams: Stream[] = [];
  readonly #isReady = new Set<Stream>();
  #sent = 0;
  #sendLimit = 0;
  #queuedBytes = 0;
  #announced = false;

  /** Opens the session: its transport parameters are the first record to send. */
  constructor(options: SessionOptions) {
    this.#perspective = options.perspective;
    this.#parameters = options.parameters;
    this.#handler = options.handler;
    this.#now = options.now;
    this.#window = new ReceiveWindow(options.parameters.initialMaxData);
    this.#peerStreams = new PeerStreams(options.parameters.initialMaxStreamsBidi);
    writeTransportParameters(this.#writer, options.parameters);
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
    this.#addStream(stream);
    return stream;
  }

  // Receiving.

  /** Takes one record: one message of the carrier. Whatever is wrong with it closes the session; nothing is thrown. */
  receive(record: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (record.length > this.#parameters.maxRecordSize) {
      this.fail(
        'FRAME_ENCODING_ERROR',
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
    if (this.#outboxBytes > WIRE_LIMITS.maxQueuedControlBytes) {
      this.fail('INTERNAL_ERROR', 'the peer asks for more answers than it reads');
    }
  }

  // Sending.

  /** The next record to send, or `undefined` when there is nothing to send or no credit to send it with. */
  nextRecord(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#outbox.length === 0 && this.#state === 'open') {
      const answer = this.#roundTrip.takeOwedAnswer();
      if (answer >= 0) writePing(this.#control(), true, answer);
      this.#fillRecord();
    }
    // Not only records from before: a handler called while the record was filled may have begun the next one.
    const waiting = this.#outbox.shift();
    if (waiting !== undefined) {
      this.#outboxBytes -= waiting.length;
      return waiting;
    }
    if (this.#writer.length > 0) return this.#writer.take();
    this.#announced = false;
    return undefined;
  }

  /** A record has left: its memory is used for the next one. Optional; never before the carrier is done with it. */
  recordSent(record: Uint8Array<ArrayBuffer>): void {
    this.#writer.recycle(record);
  }

  /** Asks the peer for a sign of life. */
  ping(): void {
    if (this.#state === 'open') writePing(this.#control(), false, this.#roundTrip.ask(this.#now()));
  }

  /** Milliseconds the peer has owed the answer to a ping; 0 when it owes none. */
  get silentMs(): number {
    const since = this.#roundTrip.unansweredSinceMs;
    return since === undefined ? 0 : this.#now() - since;
  }

  /** Shortest round trip seen, in milliseconds; 0 before the first answer to a {@link Session.ping}. */
  get roundTripMs(): number {
    return this.#roundTrip.shortestMs;
  }

  // Ending.

  /** Ends the session with a code of the application. */
  close(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#writeClose(true, code, reason);
    this.#end({ initiator: 'local', application: true, code, reason });
  }

  /** Ends the session because of a fault. */
  fail(error: TransportErrorName, reason: string): void {
    if (this.#state === 'closed') return;
    const code = TRANSPORT_ERRORS[error];
    this.#writeClose(false, code, reason);
    this.#end({ initiator: 'local', application: false, code, reason });
  }

  /** The carrier is gone. */
  transportLost(reason: string): void {
    if (this.#state === 'closed') return;
    this.#end({ initiator: 'transport', application: false, code: TRANSPORT_ERRORS.NO_ERROR, reason });
  }

  #writeClose(application: boolean, code: number, reason: string): void {
    const writer = this.#writer;
    if (writer.length > 0) this.#outbox.push(writer.take());
    writeConnectionClose(writer, application, code, reason);
    this.#announce();
  }

  #end(close: SessionClose): void {
    this.#state = 'closed';
    this.#close = close;
    if (close.initiator !== 'local') {
      // draft-ietf-quic-qmux-02 §7.3: whoever is told of the end has nothing more to say.
      this.#outbox.length = 0;
      this.#writer.take();
    }
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    this.#readyStreams = [];
    this.#isReady.clear();
    for (const stream of streams) stream.receiveClose(close);
    this.#handler.closed(close);
  }

  // Frames.

  readonly #frames: FrameSink = {
    transportParameters: (parameters) => {
      if (this.#state !== 'waiting') {
        throw new WireError(
          'PROTOCOL_VIOLATION',
          'QX_TRANSPORT_PARAMETERS must come once, as the first frame',
        );
      }
      this.#state = 'open';
      this.#peer = parameters;
      this.#sendLimit = parameters.initialMaxData;
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
        throw new WireError('STREAM_STATE_ERROR', `stream ${id} has ended, yet more content came`);
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
      if (!this.#expectOpen() || limit <= this.#sendLimit) return;
      this.#sendLimit = limit;
      if (this.#readyStreams.length > 0) this.#announce();
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
      if (this.#state !== 'closed') this.#end({ initiator: 'peer', application, code, reason });
    },
    ping: (response, sequence) => {
      if (!this.#expectOpen()) return;
      if (response) this.#roundTrip.receiveAnswer(sequence, this.#now());
      else this.#roundTrip.receiveAsk(sequence);
      if (!response) this.#announce();
    },
  };

  /**
   * Whether frames still count: not after the session ended in the middle of a record.
   *
   * @throws {@link WireError} when a frame comes before the transport parameters (draft-ietf-quic-qmux-02 §4.2).
   */
  #expectOpen(): boolean {
    if (this.#state === 'waiting') {
      throw new WireError('PROTOCOL_VIOLATION', 'QX_TRANSPORT_PARAMETERS must be the first frame');
    }
    return this.#state === 'open';
  }

  #takeCredit(bytes: number): void {
    if (this.#window.wouldOverflow(bytes)) {
      throw new WireError('FLOW_CONTROL_ERROR', "content must stay within the session's credit");
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
        throw new WireError('STREAM_STATE_ERROR', `stream ${id} was never opened`);
      }
      return undefined;
    }
    if (!isBidirectional(id)) {
      throw new WireError('STREAM_LIMIT_ERROR', `unidirectional streams are not allowed, got stream ${id}`);
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
    this.#addStream(stream);
    return stream;
  }

  #addStream(stream: Stream): void {
    this.#streams.set(stream.id, stream);
    this.#windowsGiven += stream.windowBytes;
  }

  // What streams ask for.

  readonly #host: StreamHost = {
    ready: (stream) => {
      if (this.#isReady.has(stream) || !stream.hasFrame) return;
      this.#isReady.add(stream);
      this.#readyStreams.push(stream);
      this.#announce();
    },
    queued: (bytes) => {
      this.#queuedBytes += bytes;
    },
    resetStream: (stream, code, finalSize) => {
      if (this.#state === 'open') writeResetStream(this.#control(), stream.id, code, finalSize);
    },
    stopSending: (stream, code) => {
      if (this.#state === 'open') writeStopSending(this.#control(), stream.id, code);
    },
    maxStreamData: (stream, limit) => {
      if (this.#state === 'open') writeMaxStreamData(this.#control(), stream.id, limit);
    },
    consumed: (bytes) => {
      this.#window.consume(bytes);
      const limit = this.#window.nextSharedLimit();
      if (limit > 0 && this.#state === 'open') writeMaxData(this.#control(), limit);
    },
    growth: (window) => {
      const roundTripMs = this.#roundTrip.shortestMs;
      if (roundTripMs === 0 || !window.isHoldingBack(this.#now(), roundTripMs)) return 0;
      const growth = Math.min(
        window.windowBytes,
        WIRE_LIMITS.maxStreamWindowBytes - window.windowBytes,
        this.#window.windowBytes - this.#windowsGiven,
      );
      if (growth <= 0) return 0;
      this.#windowsGiven += growth;
      return growth;
    },
    finished: (stream) => {
      if (!this.#streams.delete(stream.id)) return;
      this.#windowsGiven -= stream.windowBytes;
      if (streamInitiator(stream.id) === this.#perspective || this.#state !== 'open') return;
      const limit = this.#peerStreams.finish();
      if (limit > 0) writeMaxStreams(this.#control(), true, limit);
    },
  };

  // Filling records.

  /** The writer, with room for one more control frame in the record. */
  #control(): ByteWriter {
    const writer = this.#writer;
    if (writer.length + MAX_CONTROL_FRAME_BYTES > this.#recordBytes) {
      const record = writer.take();
      this.#outbox.push(record);
      this.#outboxBytes += record.length;
    }
    this.#announce();
    return writer;
  }

  /** Largest record the peer takes; before it has told, what every peer takes. */
  get #recordBytes(): number {
    return Math.min(WIRE_LIMITS.maxRecordBytes, this.#peer.maxRecordSize);
  }

  /** Lets streams that are ready write frames in turn until the record is full. */
  #fillRecord(): void {
    const writer = this.#writer;
    const recordBytes = this.#recordBytes;
    writer.reserve(Math.min(recordBytes - writer.length, this.#queuedBytes + MAX_CONTROL_FRAME_BYTES));
    const ready = this.#readyStreams;
    let held: Stream[] | undefined;
    let next = 0;
    while (next < ready.length) {
      const stream = ready[next] as Stream;
      const alone = next === ready.length - 1;
      const quantum = alone ? recordBytes : WIRE_LIMITS.sendQuantumBytes;
      const credit = this.#sendLimit - this.#sent;
      const length = stream.writeFrame(writer, recordBytes - writer.length, credit, quantum);
      if (length < 0 && stream.hasFrame) {
        if (credit > 0) break;
        // The session's credit is used up. A FIN without content needs none: it must not wait behind content.
        held ??= [];
        held.push(stream);
        next++;
        continue;
      }
      next++;
      if (length > 0) this.#sent += length;
      if (stream.hasFrame) ready.push(stream);
      else this.#isReady.delete(stream);
    }
    if (held !== undefined) ready.splice(0, next, ...held);
    else if (next === ready.length) ready.length = 0;
    else if (next > 0) ready.splice(0, next);
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#handler.wantsToSend();
  }
}

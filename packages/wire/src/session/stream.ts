import type { ByteWriter } from '../byte-writer.ts';
import { violation, WireError } from '../errors.ts';
import { writeMaxStreamData } from '../frame/max-stream-data-frame.ts';
import { writeResetStream } from '../frame/reset-stream-frame.ts';
import { writeStopSending } from '../frame/stop-sending-frame.ts';
import { streamHeaderLength, writeStreamHeader } from '../frame/stream-frame.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { FLOW_CONTROL_ERROR, STREAM_STATE_ERROR } from '../transport-error.ts';
import { ReceiveWindow } from './receive-window.ts';
import { SendQueue } from './send-queue.ts';

/** Why a session ended. */
export interface SessionClose {
  /** Who ended it; `transport` when the carrier broke without a word. */
  readonly initiator: 'local' | 'peer' | 'transport';
  /** Whether `code` is one of the application's (a failure) or a transport error of RFC 9000 §20.1. */
  readonly application: boolean;
  /** A row's code of {@link FAILURES}, or one of {@link TRANSPORT_ERRORS}. */
  readonly code: number;
  /** In words, for a person; may be empty. */
  readonly reason: string;
}

/** What the user of a stream learns from it. None of these may throw. */
export interface StreamHandler {
  /**
   * Bytes arrived, `fin` with the last of them. The view may be kept; credit comes back only through
   * {@link Stream.consume}. `exclusive`: nobody else has a view of the buffer under it.
   */
  data(bytes: Uint8Array, fin: boolean, exclusive: boolean): void;
  /** The peer broke off what it was sending. */
  reset(code: number): void;
  /** The peer wants no more of what we send; our side is already reset. */
  stopSending(code: number): void;
  /** The queue that made {@link Stream.write} return `false` has room again. */
  writable(): void;
  /** The session ended under the stream. */
  closed(close: SessionClose): void;
}

/** What a stream asks of its session. */
export interface StreamHost {
  /** The stream has something to send. */
  ready(stream: Stream): void;
  /** So many bytes entered (or, negative, left) the queue of the stream. */
  queued(bytes: number): void;
  /** Where a control frame is written; `undefined` once the session has ended. */
  control(): ByteWriter | undefined;
  /** Bytes of the session's credit were consumed. */
  consumed(bytes: number): void;
  /** How many bytes a window may grow, up to `bytes`; 0 when the session has no room or the sender needs none. */
  growth(window: ReceiveWindow): number;
  /** Both directions are over. */
  finished(stream: Stream): void;
}

/**
 * One bidirectional stream of a session.
 *
 * Sending (RFC 9000 §3.1, without acknowledgements, which the carrier gives):
 *
 *     ready ──end()──▶ ending ──FIN written──▶ ended
 *       │                 │
 *       └──reset() / STOP_SENDING──▶ reset
 *
 * Receiving (RFC 9000 §3.2):
 *
 *     receiving ──FIN──▶ ended
 *       │  │
 *       │  └──stopSending()──▶ stopped ──FIN or RESET_STREAM──▶ ended
 *       └──RESET_STREAM──▶ ended
 */
export class Stream {
  /** Identifier (RFC 9000 §2.1). */
  readonly id: number;

  /** Who learns what arrives. Set by the session before anything can. */
  handler!: StreamHandler;

  readonly #host: StreamHost;

  #sending: 'ready' | 'ending' | 'ended' | 'reset' = 'ready';
  readonly #queue = new SendQueue();
  #sent = 0;
  #sendLimit: number;
  /** Bytes the queue must fall below before {@link StreamHandler.writable} is called; 0 when nobody waits. */
  #writableBelow = 0;

  #receiving: 'receiving' | 'stopped' | 'ended' = 'receiving';
  readonly #window: ReceiveWindow;
  #grownBytes = 0;

  /** Made by a session; `sendLimit` and `windowBytes` are the credit both sides start with. */
  constructor(id: number, host: StreamHost, sendLimit: number, windowBytes: number) {
    this.id = id;
    this.#host = host;
    this.#sendLimit = sendLimit;
    this.#window = new ReceiveWindow(windowBytes);
  }

  // Sending.

  /** Whether the peer can have seen nothing of it: no byte has entered a record. */
  get isUnsent(): boolean {
    return this.#sent === 0;
  }

  /** Whether {@link Stream.write} may still be called. */
  get isWritable(): boolean {
    return this.#sending === 'ready';
  }

  /**
   * Queues bytes, which must not be changed afterwards. `false` asks the caller to wait for
   * {@link StreamHandler.writable}; the bytes are queued all the same. After a reset it does nothing.
   */
  write(bytes: Uint8Array): boolean {
    if (this.#sending !== 'ready') return true;
    if (bytes.length > 0) {
      this.#queue.push(bytes);
      this.#host.queued(bytes.length);
      this.#host.ready(this);
    }
    if (this.#queue.length >= WIRE_LIMITS.sendQueueBytes)
      this.#writableBelow = WIRE_LIMITS.sendQueueBytes / 2;
    return this.#writableBelow === 0;
  }

  /** Whether everything queued has left; if it has not, {@link StreamHandler.writable} is called when it has. */
  isDrained(): boolean {
    if (this.#queue.length === 0) return true;
    this.#writableBelow = 1;
    return false;
  }

  /** Queues the last bytes, if any, and the end. */
  end(bytes?: Uint8Array): void {
    if (this.#sending !== 'ready') return;
    if (bytes !== undefined) this.write(bytes);
    this.#sending = 'ending';
    this.#writableBelow = 0;
    this.#host.ready(this);
  }

  /** Breaks off sending: what is queued is dropped and the peer told `code`. */
  reset(code: number): void {
    if (this.#sending === 'ended' || this.#sending === 'reset') return;
    this.#sending = 'reset';
    this.#dropQueue();
    const writer = this.#host.control();
    if (writer !== undefined) writeResetStream(writer, this.id, code, this.#sent);
    this.#finishIfOver();
  }

  /** Whether a STREAM frame could be written now, credit of the session aside. */
  get hasFrame(): boolean {
    if (this.#queue.length > 0) return this.#sent < this.#sendLimit;
    return this.#sending === 'ending';
  }

  /**
   * Writes one STREAM frame into a record with `room` bytes left.
   *
   * @param credit - bytes the session's credit allows.
   * @param quantum - bytes of content this stream may use up while others wait.
   * @returns the bytes of content written, or -1 when nothing fits.
   */
  writeFrame(writer: ByteWriter, room: number, credit: number, quantum: number): number {
    const header = streamHeaderLength(this.id, this.#sent, Math.min(room, quantum));
    const allowed = Math.min(this.#queue.length, this.#sendLimit - this.#sent, credit, quantum);
    // The rest of a nearly full record is better left empty than filled with the beginning of a large piece.
    if (allowed > room - header && room < WIRE_LIMITS.minFrameRoomBytes) return -1;
    const length = this.#queue.wholePieces(Math.min(allowed, room - header));
    const fin = this.#sending === 'ending' && length === this.#queue.length;
    if (room < header || (length <= 0 && !fin)) return -1;
    writeStreamHeader(writer, this.id, this.#sent, length, fin);
    this.#queue.moveTo(writer, length);
    this.#sent += length;
    this.#host.queued(-length);
    if (fin) {
      this.#sending = 'ended';
      this.#finishIfOver();
    } else if (this.#queue.length < this.#writableBelow) {
      this.#writableBelow = 0;
      this.handler.writable();
    }
    return length;
  }

  /** MAX_STREAM_DATA arrived. A limit that is not higher is old news (RFC 9000 §4.1). */
  receiveMaxStreamData(limit: number): void {
    if (limit <= this.#sendLimit) return;
    this.#sendLimit = limit;
    if (this.hasFrame) this.#host.ready(this);
  }

  /** STOP_SENDING arrived: "An endpoint that receives a STOP_SENDING frame MUST send a RESET_STREAM", RFC 9000 §3.5. */
  receiveStopSending(code: number): void {
    if (this.#sending === 'ended' || this.#sending === 'reset') return;
    this.reset(code);
    this.handler.stopSending(code);
  }

  // Receiving.

  /** Whether more may arrive that anybody wants. */
  get isReadable(): boolean {
    return this.#receiving === 'receiving';
  }

  /**
   * The reader has used `bytes` of what {@link StreamHandler.data} gave it; the peer may send as many more. Bytes that a
   * reset or {@link Stream.stopSending} has given back already do not count twice.
   */
  consume(bytes: number): void {
    const consumed = Math.min(bytes, this.#window.unread);
    if (consumed === 0) return;
    this.#window.consume(consumed);
    if (this.#receiving === 'receiving') {
      const growth = this.#host.growth(this.#window);
      this.#grownBytes += growth;
      this.#window.grow(growth);
      const limit = this.#window.nextLimit();
      const writer = limit > 0 ? this.#host.control() : undefined;
      if (writer !== undefined) writeMaxStreamData(writer, this.id, limit);
    }
    this.#host.consumed(consumed);
  }

  /** Wants no more of what the peer sends; what is unread or still arrives is discarded and its credit given back. */
  stopSending(code: number): void {
    if (this.#receiving === 'receiving') {
      this.#receiving = 'stopped';
      const writer = this.#host.control();
      if (writer !== undefined) writeStopSending(writer, this.id, code);
    }
    this.#discardUnread();
  }

  /** Bytes the window has grown, for the session's account. */
  get grownBytes(): number {
    return this.#grownBytes;
  }

  /**
   * A STREAM frame arrived; the session has checked its own credit.
   *
   * @throws {@link WireError} when it is out of order or beyond the credit.
   */
  receiveData(offset: number, content: Uint8Array, fin: boolean, exclusive: boolean): void {
    if (this.#receiving === 'ended') {
      throw new WireError(STREAM_STATE_ERROR, `stream ${this.id} has ended, yet more content came`);
    }
    // draft-ietf-quic-qmux-02 §4.1: content that does not follow at once is a PROTOCOL_VIOLATION.
    if (offset !== this.#window.received) {
      throw violation(`stream ${this.id} must go on at offset ${this.#window.received}, got ${offset}`);
    }
    if (this.#window.wouldOverflow(content.length)) {
      throw new WireError(FLOW_CONTROL_ERROR, `stream ${this.id} must stay within its credit`);
    }
    this.#window.received += content.length;
    const wanted = this.#receiving === 'receiving';
    if (fin) this.#receiving = 'ended';
    if (wanted) this.handler.data(content, fin, exclusive);
    else this.#discardUnread();
    if (fin) this.#finishIfOver();
  }

  /** Bytes a final size adds to what has arrived. Peers of this draft exist that send 0; what did arrive still counts. */
  missingBytes(finalSize: number): number {
    return this.#receiving === 'ended' ? 0 : Math.max(0, finalSize - this.#window.received);
  }

  /**
   * RESET_STREAM arrived; the session has checked its own credit.
   *
   * @throws {@link WireError} when the final size is beyond the credit.
   */
  receiveReset(code: number, finalSize: number): void {
    if (this.#receiving === 'ended') return;
    const missing = this.missingBytes(finalSize);
    if (this.#window.wouldOverflow(missing)) {
      throw new WireError(FLOW_CONTROL_ERROR, `final size of stream ${this.id} must be within its credit`);
    }
    this.#window.received += missing;
    const wanted = this.#receiving === 'receiving';
    this.#receiving = 'ended';
    this.#discardUnread();
    if (wanted) this.handler.reset(code);
    this.#finishIfOver();
  }

  /** The session has ended. */
  receiveClose(close: SessionClose): void {
    this.#sending = 'reset';
    this.#receiving = 'ended';
    this.#dropQueue();
    this.handler.closed(close);
  }

  #dropQueue(): void {
    this.#host.queued(-this.#queue.length);
    this.#queue.clear();
    this.#writableBelow = 0;
  }

  #discardUnread(): void {
    const unread = this.#window.unread;
    if (unread === 0) return;
    this.#window.consume(unread);
    this.#host.consumed(unread);
  }

  #finishIfOver(): void {
    if (this.#receiving !== 'ended') return;
    if (this.#sending === 'ended' || this.#sending === 'reset') this.#host.finished(this);
  }
}

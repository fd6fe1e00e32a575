import { ByteWriter } from '../byte-writer.ts';
import * as WIRE_LIMITS from '../limits.ts';

/** Longest control frame but CONNECTION_CLOSE: a type and three eight-byte integers. */
const MAX_CONTROL_FRAME_BYTES = 32;

/**
 * The records of a session on their way out: the one being written, and full ones before it that nobody has fetched yet.
 * Asks to be fetched once, until everything has been.
 */
export class OutgoingRecords {
  /** Largest record the peer takes, in bytes; before it has told, what every peer takes. */
  maxBytes: number = WIRE_LIMITS.defaultMaxRecordBytes;

  /** The record being written. */
  readonly writer: ByteWriter = new ByteWriter();

  readonly #wantsToSend: () => void;
  readonly #full: Uint8Array<ArrayBuffer>[] = [];
  #fullBytes = 0;
  #announced = false;

  /** @param wantsToSend - called when there is something to fetch after there was nothing. */
  constructor(wantsToSend: () => void) {
    this.#wantsToSend = wantsToSend;
  }

  /** Whether the peer asks for more answers than it reads: control frames pile up without anything that bounds them. */
  get isOverrun(): boolean {
    return this.#fullBytes > WIRE_LIMITS.maxQueuedControlBytes;
  }

  /** The writer, with room for one more control frame in its record. */
  control(): ByteWriter {
    if (this.writer.length + MAX_CONTROL_FRAME_BYTES > this.maxBytes) this.#finishRecord();
    this.announce();
    return this.writer;
  }

  /** The writer, at the start of a record: for the last frame of a session, which is longer than others. */
  last(): ByteWriter {
    if (this.writer.length > 0) this.#finishRecord();
    this.announce();
    return this.writer;
  }

  /** There is something to fetch. */
  announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#wantsToSend();
  }

  /**
   * The next record, or `undefined` when there is none.
   *
   * @param fill - writes what else fits into the record; called when no full one waits.
   */
  next(fill: (writer: ByteWriter, roomBytes: number) => void): Uint8Array<ArrayBuffer> | undefined {
    if (this.#full.length === 0) fill(this.writer, this.maxBytes);
    // Not only records from before: a handler called while the record was filled may have begun the next one.
    const waiting = this.#full.shift();
    if (waiting !== undefined) {
      this.#fullBytes -= waiting.length;
      return waiting;
    }
    if (this.writer.length > 0) return this.writer.take();
    this.#announced = false;
    return undefined;
  }

  /** Drops everything. */
  clear(): void {
    this.#full.length = 0;
    this.#fullBytes = 0;
    this.writer.take();
  }

  #finishRecord(): void {
    const record = this.writer.take();
    this.#full.push(record);
    this.#fullBytes += record.length;
  }
}

import * as WIRE_LIMITS from './limits.ts';
import { encodeUtf8 } from './utf8.ts';
import { MAX_VARINT } from './varint.ts';

/** Size of a slab, in bytes: many small messages share one allocation; larger ones get their own. */
const SLAB_BYTES = 16_384;

const NO_SLAB: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Large buffers kept for the next large record: as many as a transport usually holds at once. */
const MAX_SPARE_SLABS = 8;

/**
 * Appends to slabs and hands out views of them. Small pieces share a slab; one that outgrows it gets a slab of its own.
 * Bytes that were taken are not written again before they come back through {@link ByteWriter.recycle}, so a transport
 * may keep them until they have left.
 */
export class ByteWriter {
  #slab: Uint8Array<ArrayBuffer> = new Uint8Array(SLAB_BYTES);
  #start = 0;
  #offset = 0;
  #spare: Uint8Array<ArrayBuffer>[] = [];

  /** Number of bytes written since the last {@link ByteWriter.take}. */
  get length(): number {
    return this.#offset - this.#start;
  }

  /** Makes room for `length` more bytes without a further allocation. */
  reserve(length: number): void {
    if (this.#offset + length <= this.#slab.length) return;
    const written = this.#slab.subarray(this.#start, this.#offset);
    this.#slab = this.#newSlab(Math.max(written.length + length, written.length * 2));
    this.#slab.set(written);
    this.#start = 0;
    this.#offset = written.length;
  }

  #newSlab(length: number): Uint8Array<ArrayBuffer> {
    if (length <= SLAB_BYTES) return new Uint8Array(SLAB_BYTES);
    const last = this.#spare.at(-1);
    if (last !== undefined && last.length >= length) {
      this.#spare.pop();
      return last;
    }
    return new Uint8Array(Math.max(length, WIRE_LIMITS.maxRecordBytes));
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.reserve(1);
    this.#slab[this.#offset++] = value;
  }

  /**
   * Writes a variable-length integer in its shortest form (RFC 9000 §16).
   *
   * @throws RangeError when `value` is not an integer from 0 to {@link MAX_VARINT}: a fault of ours, never of the peer.
   */
  varint(value: number): void {
    if (!(value >= 0 && value <= MAX_VARINT))
      throw new RangeError(`varint must be 0 to 2^53 - 1, got ${value}`);
    this.reserve(8);
    const slab = this.#slab;
    const at = this.#offset;
    // A slab keeps the low byte of what is stored in it.
    if (value < 0x40) {
      slab[at] = value;
      this.#offset = at + 1;
    } else if (value < 0x4000) {
      slab[at] = 0x40 | (value >> 8);
      slab[at + 1] = value;
      this.#offset = at + 2;
    } else if (value < 0x4000_0000) {
      this.#uint32(0x8000_0000 | value);
    } else {
      this.wide(Math.floor(value / 0x1_0000_0000), value >>> 0);
    }
  }

  /** Writes an eight-byte variable-length integer from its upper 30 and lower 32 bits. */
  wide(high: number, low: number): void {
    this.reserve(8);
    this.#uint32(0xc000_0000 | high);
    this.#uint32(low);
  }

  /** There is room for it. */
  #uint32(value: number): void {
    const slab = this.#slab;
    const at = this.#offset;
    slab[at] = value >>> 24;
    slab[at + 1] = value >>> 16;
    slab[at + 2] = value >>> 8;
    slab[at + 3] = value;
    this.#offset = at + 4;
  }

  /** Writes a copy of `source`. */
  bytes(source: Uint8Array): void {
    this.reserve(source.length);
    this.#slab.set(source, this.#offset);
    this.#offset += source.length;
  }

  /** Writes one byte per character. Every character must be at most U+00FF; the caller has checked. */
  latin1(text: string): void {
    const length = text.length;
    this.reserve(length);
    const slab = this.#slab;
    let at = this.#offset;
    for (let i = 0; i < length; i++) slab[at++] = text.charCodeAt(i);
    this.#offset = at;
  }

  /** Writes `text` as UTF-8, with its length in bytes before it. */
  utf8(text: string): void {
    const encoded = encodeUtf8(text);
    this.varint(encoded.length);
    this.bytes(encoded);
  }

  /** Everything written since the last call, as a view that stays valid; the writer goes on after it. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#slab.subarray(this.#start, this.#offset);
    this.#start = this.#offset;
    // A large slab belongs to what was taken alone, so that it can come back.
    if (this.#slab.length > SLAB_BYTES) {
      this.#slab = NO_SLAB;
      this.#start = 0;
      this.#offset = 0;
    }
    return taken;
  }

  /** Forgets what was written since the last {@link ByteWriter.take}. */
  discard(): void {
    this.#offset = this.#start;
  }

  /** What {@link ByteWriter.take} gave is not needed any more: its memory may be written again. */
  recycle(taken: Uint8Array<ArrayBuffer>): void {
    if (taken.buffer.byteLength !== WIRE_LIMITS.maxRecordBytes || this.#spare.length >= MAX_SPARE_SLABS)
      return;
    this.#spare.push(new Uint8Array(taken.buffer));
  }
}

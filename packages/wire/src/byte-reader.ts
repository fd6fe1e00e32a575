import { WireError } from './errors.ts';
import { FRAME_ENCODING_ERROR } from './transport-error.ts';
import { MAX_VARINT } from './varint.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Bounds-checked cursor over received bytes. One reader is reused for every message of a session: nothing is
 * allocated per frame but the views that {@link ByteReader.take} hands out.
 */
export class ByteReader {
  /** The bytes being read. */
  bytes: Uint8Array;

  /** Position of the next byte to read. */
  offset = 0;

  /** Position after the last byte that may be read. */
  end: number;

  /** Upper 30 bits of the last eight-byte integer read; with {@link ByteReader.low} it names values above 2^53. */
  high = 0;

  /** Lower 32 bits of the last eight-byte integer read. */
  low = 0;

  /** @param bytes - what to read; empty when left out, until {@link ByteReader.reset}. */
  constructor(bytes: Uint8Array = NO_BYTES) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** Starts over with other bytes. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.offset = 0;
    this.end = bytes.length;
  }

  /** Number of bytes not read yet. */
  get remaining(): number {
    return this.end - this.offset;
  }

  /**
   * Reads a variable-length integer (RFC 9000 §16).
   *
   * @throws {@link WireError} when the bytes end inside it or it is above {@link MAX_VARINT}.
   */
  varint(): number {
    const value = this.varintSaturated();
    if (value === MAX_VARINT && this.high > 0x1fffff) {
      throw new WireError(FRAME_ENCODING_ERROR, 'variable-length integer must be below 2^53');
    }
    return value;
  }

  /**
   * Reads a variable-length integer, giving {@link MAX_VARINT} for anything above it: right for limits, where more
   * than 2^53 means "no limit", and for code points, which `high` and `low` then tell apart.
   *
   * @throws {@link WireError} when the bytes end inside it.
   */
  varintSaturated(): number {
    const bytes = this.bytes;
    const at = this.offset;
    if (at >= this.end) throw truncated('variable-length integer');
    const first = bytes[at] as number;
    if (first < 0x40) {
      this.offset = at + 1;
      return first;
    }
    const length = 1 << (first >> 6);
    if (at + length > this.end) throw truncated('variable-length integer');
    this.offset = at + length;
    if (length === 2) return ((first & 0x3f) << 8) | (bytes[at + 1] as number);
    const high = uint32(bytes, at) & 0x3fff_ffff;
    if (length === 4) return high;
    this.high = high;
    this.low = uint32(bytes, at + 4) >>> 0;
    return high > 0x1fffff ? MAX_VARINT : high * 0x1_0000_0000 + this.low;
  }

  /** Reads a variable-length integer when all of it has come; otherwise gives -1 and reads nothing. */
  varintIfComplete(): number {
    if (this.offset >= this.end) return -1;
    const length = 1 << ((this.bytes[this.offset] as number) >> 6);
    return this.offset + length > this.end ? -1 : this.varint();
  }

  /**
   * The next `length` bytes, as a view of the received ones.
   *
   * @throws {@link WireError} when fewer remain.
   */
  take(length: number): Uint8Array {
    const from = this.offset;
    const to = from + length;
    if (to > this.end) throw truncated('field');
    this.offset = to;
    return this.bytes.subarray(from, to);
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function truncated(what: string): WireError {
  return new WireError(FRAME_ENCODING_ERROR, `${what} is truncated`);
}

/**
 * Largest window a frame may ask for: what encoders for HTTP must keep to (RFC 9659), so that nobody makes a client hold
 * more by a few bytes.
 */
const MAX_WINDOW_BYTES = 8_388_608;

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** Magic and descriptor, which tells how long the header is. */
const MIN_HEADER_BYTES = 5;

/** Bits of the descriptor (RFC 8878 §3.1.1.1.1). */
const IS_SINGLE_SEGMENT = 32;
const IS_RESERVED = 8;
const HAS_CHECKSUM = 4;

/** What a frame says at its beginning (RFC 8878 §3.1.1.1). */
export interface ZstdHeader {
  readonly headerBytes: number;
  /** How far back a match may reach. */
  readonly windowBytes: number;
  /** Length of the content, where it is told. */
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

/**
 * The header that begins these bytes; `undefined` when it goes on behind them.
 *
 * @throws Error when none begins with them, or the frame asks for more than there is.
 */
export function readZstdHeader(bytes: Uint8Array): ZstdHeader | undefined {
  if (MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) {
    throw new Error('zstd: no frame where one should begin');
  }
  if (bytes.length < MIN_HEADER_BYTES) return undefined;
  const descriptor = bytes[4] as number;
  if ((descriptor & IS_RESERVED) !== 0) throw new Error('zstd: a frame of an unknown form');
  const isSingleSegment = (descriptor & IS_SINGLE_SEGMENT) !== 0;
  const dictionaryAt = MIN_HEADER_BYTES + (isSingleSegment ? 0 : 1);
  const contentSizeAt = dictionaryAt + ([0, 1, 2, 4][descriptor & 3] as number);
  const headerBytes = contentSizeAt + ([isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number);
  if (bytes.length < headerBytes) return undefined;
  if (littleEndian(bytes.subarray(dictionaryAt, contentSizeAt)) !== 0) {
    throw new Error('zstd: a frame that needs a dictionary');
  }
  const contentBytes =
    contentSizeAt === headerBytes
      ? undefined
      : // Two bytes begin to count at 256 (RFC 8878 §3.1.1.1.4).
        littleEndian(bytes.subarray(contentSizeAt, headerBytes)) + (descriptor >> 6 === 1 ? 256 : 0);
  const windowBytes = isSingleSegment
    ? (contentBytes ?? 0)
    : zstdWindowBytes(bytes[MIN_HEADER_BYTES] as number);
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new Error(`zstd: the window must be at most ${MAX_WINDOW_BYTES} bytes, got ${windowBytes}`);
  }
  return { headerBytes, windowBytes, contentBytes, hasChecksum: (descriptor & HAS_CHECKSUM) !== 0 };
}

/** The window that a window descriptor stands for (RFC 8878 §3.1.1.1.2). */
export function zstdWindowBytes(descriptor: number): number {
  return (2 ** (10 + (descriptor >> 3)) / 8) * (8 + (descriptor & 7));
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

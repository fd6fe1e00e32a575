/** What every member begins with: ID1, ID2, and DEFLATE, the only method there is (RFC 1952 §2.3.1). */
const MAGIC = [0x1f, 0x8b, 8];

/** Flags (RFC 1952 §2.3.1). */
const HAS_CHECKSUM = 2;
const HAS_EXTRA_FIELD = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;
const RESERVED_FLAGS = 0xe0;

const FIXED_BYTES = 10;

/**
 * Length of the header of the gzip member that begins these bytes (RFC 1952 §2.3); `undefined` when it goes on behind
 * them, -1 when no member begins with them.
 *
 * @throws Error when the header's own checksum is not right.
 */
export function gzipHeaderLength(
  bytes: Uint8Array,
  crc32: (bytes: Uint8Array, before: number) => number,
): number | undefined {
  if (MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) return -1;
  const flags = bytes[3] ?? 0;
  if ((flags & RESERVED_FLAGS) !== 0) return -1;
  let end = FIXED_BYTES;
  if ((flags & HAS_EXTRA_FIELD) !== 0) end += 2 + littleEndian16(bytes, end);
  if ((flags & HAS_NAME) !== 0) end = afterZero(bytes, end);
  if ((flags & HAS_COMMENT) !== 0) end = afterZero(bytes, end);
  if ((flags & HAS_CHECKSUM) === 0) return end <= bytes.length ? end : undefined;
  if (end + 2 > bytes.length) return undefined;
  const checksum = crc32(bytes.subarray(0, end), 0) & 65_535;
  if (checksum !== littleEndian16(bytes, end)) throw new Error('gzip: the header has another checksum');
  return end + 2;
}

function afterZero(bytes: Uint8Array, from: number): number {
  const zero = bytes.indexOf(0, from);
  return zero < 0 ? Number.POSITIVE_INFINITY : zero + 1;
}

function littleEndian16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

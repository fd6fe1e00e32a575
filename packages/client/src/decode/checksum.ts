/** Reflected polynomial of CRC-32 (RFC 1952 §8), as a signed integer. */
const CRC_POLYNOMIAL = -306_674_912;

/** Base of Adler-32 (RFC 1950 §9). */
const ADLER_BASE = 65_521;

/** As many bytes may be added up before the sums must be reduced to stay exact integers of 32 bits (zlib's NMAX). */
const ADLER_RUN_BYTES = 5_552;

type Table = Int32Array;
type CrcTables = [Table, Table, Table, Table, Table, Table, Table, Table];

let crcTables: readonly Table[] | undefined;

/** CRC-32 (RFC 1952 §8) of what came `before` followed by these bytes, unsigned; `before` is 0 at the beginning. */
export function crc32(bytes: Uint8Array, before: number): number {
  crcTables ??= makeCrcTables();
  const [table0, table1, table2, table3, table4, table5, table6, table7] = crcTables as CrcTables;
  let crc = ~before;
  let at = 0;
  // Eight bytes at a time ("slicing"), which is nearly twice as fast as one at a time.
  for (; at + 8 <= bytes.length; at += 8) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (table7[crc & 0xff] as number) ^
      (table6[(crc >>> 8) & 0xff] as number) ^
      (table5[(crc >>> 16) & 0xff] as number) ^
      (table4[crc >>> 24] as number) ^
      (table3[bytes[at + 4] as number] as number) ^
      (table2[bytes[at + 5] as number] as number) ^
      (table1[bytes[at + 6] as number] as number) ^
      (table0[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at++) {
    crc = (crc >>> 8) ^ (table0[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

/** Adler-32 (RFC 1950 §9) of what came `before` followed by these bytes, unsigned; `before` is 1 at the beginning. */
export function adler32(bytes: Uint8Array, before: number): number {
  let low = before & 65_535;
  let high = before >>> 16;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + ADLER_RUN_BYTES, bytes.length);
    for (; at < end; at++) {
      low += bytes[at] as number;
      high += low;
    }
    low %= ADLER_BASE;
    high %= ADLER_BASE;
  }
  return ((high << 16) | low) >>> 0;
}

function makeCrcTables(): Table[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ CRC_POLYNOMIAL;
    return crc;
  });
  const tables = [first];
  for (let previous = first; tables.length < 8; tables.push(previous)) {
    previous = previous.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number));
  }
  return tables;
}

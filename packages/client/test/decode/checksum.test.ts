import { constants, deflateSync, crc32 as zlibCrc32, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { adler32, crc32 } from '../../src/decode/checksum.ts';
import { XXH64 } from '../../src/decode/xxh64.ts';
import { textContent } from '../support/decoding.ts';

const LENGTHS = [0, 1, 3, 4, 7, 8, 31, 32, 33, 63, 64, 65, 100, 1_000, 70_000];

/** What compressors write behind content is what each function must give. */
const FUNCTIONS = {
  'CRC-32': {
    of: (bytes: Uint8Array) => crc32(bytes, 0),
    inParts: (first: Uint8Array, second: Uint8Array) => crc32(second, crc32(first, 0)),
    reference: (bytes: Uint8Array) => zlibCrc32(bytes),
  },
  'Adler-32': {
    of: (bytes: Uint8Array) => adler32(bytes, 1),
    inParts: (first: Uint8Array, second: Uint8Array) => adler32(second, adler32(first, 1)),
    reference: (bytes: Uint8Array) => deflateSync(bytes).readUInt32BE(deflateSync(bytes).length - 4),
  },
  XXH64: {
    of: (bytes: Uint8Array) => xxh64(bytes),
    inParts: (first: Uint8Array, second: Uint8Array) => xxh64(first, second),
    reference(bytes: Uint8Array) {
      const frame = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
      return frame.readUInt32LE(frame.length - 4);
    },
  },
};

function xxh64(...parts: Uint8Array[]): number {
  const hash = new XXH64();
  for (const part of parts) hash.update(part);
  return hash.low();
}

describe.each(Object.entries(FUNCTIONS))('%s', (_, { of, inParts, reference }) => {
  it.each(LENGTHS)('of %i bytes', (length) => {
    expect(of(textContent(length))).toBe(reference(textContent(length)));
    expect(of(new Uint8Array(length).fill(255))).toBe(reference(new Uint8Array(length).fill(255)));
  });

  it.each([0, 1, 5, 31, 32, 50, 99])('of a part of %i bytes and another', (length) => {
    const bytes = textContent(100);
    expect(inParts(bytes.subarray(0, length), bytes.subarray(length))).toBe(reference(bytes));
  });
});

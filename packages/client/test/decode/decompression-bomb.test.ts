import { promisify } from 'node:util';
import {
  brotliCompressSync,
  constants,
  createBrotliDecompress,
  gunzip,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { concatenate } from '../../src/exchange/content-queue.ts';
import { decodedPieces } from '../support/decoding.ts';
import { collectGarbage } from '../support/garbage.ts';

/** What reading may hold, several times over: far below what there is to be made. */
const GROWTH_BYTES = 8 * 1024 * 1024;

const MEMBER_BYTES = 50_000_000;

/** Zeros, made from members or frames of 50 MB each. */
function zeros(length: number, compress: (content: Uint8Array) => Uint8Array): Uint8Array {
  const member = compress(new Uint8Array(MEMBER_BYTES));
  return concatenate(Array.from({ length: length / MEMBER_BYTES }, () => member));
}

const BOMBS: Record<string, (length: number) => Uint8Array> = {
  gzip: (length) => zeros(length, gzipSync),
  'gzip, gzip': (length) => gzipSync(zeros(length, gzipSync)),
  br: (length) =>
    brotliCompressSync(new Uint8Array(length), { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: (length) => zeros(length, zstdCompressSync),
};

const MEMBER = gzipSync(new Uint8Array(MEMBER_BYTES));

/** What is held, after long enough for a decoder to make what it was given if it did not wait for its reader. */
async function heldBytes(): Promise<number> {
  await promisify(gunzip)(MEMBER);
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Reads all; how many bytes there were, and how far what is held rose above what was held at first. */
async function readBomb(
  contentEncoding: string,
  raw: Uint8Array,
  portable: boolean,
  length: number,
): Promise<{ bytes: number; longestBytes: number; growthBytes: number }> {
  const before = await heldBytes();
  const read = { bytes: 0, longestBytes: 0, growthBytes: 0 };
  const reading = portable ? { zlib: { createBrotliDecompress } } : {};
  let pieces = 0;
  for await (const piece of decodedPieces(contentEncoding, raw, reading)) {
    read.bytes += piece.length;
    read.longestBytes = Math.max(read.longestBytes, piece.length);
    pieces += 1;
    if (pieces % Math.floor(length / 65_536 / 3) === 100)
      read.growthBytes = Math.max(read.growthBytes, (await heldBytes()) - before);
  }
  return read;
}

describe('content that is a thousand times what it was compressed to, read 64 KiB at a time', () => {
  it.each([
    ['gzip', 1_000_000_000, false],
    ['gzip', 100_000_000, true],
    ['gzip, gzip', 100_000_000, true],
    ['br', 100_000_000, false],
    ['zstd', 100_000_000, false],
    ['zstd', 100_000_000, true],
  ])(
    '%s of %i bytes is never held, without node:zlib: %s',
    async (contentEncoding, length, portable) => {
      const raw = BOMBS[contentEncoding]!(length);
      expect(raw.length).toBeLessThan(length / 950);
      const { bytes, longestBytes, growthBytes } = await readBomb(contentEncoding, raw, portable, length);
      expect(bytes).toBe(length);
      expect(longestBytes).toBe(65_536);
      expect(growthBytes).toBeLessThan(GROWTH_BYTES);
    },
    60_000,
  );
});

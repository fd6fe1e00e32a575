import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ZstdBlocks } from '../../src/decode/zstd-blocks.ts';
import { readZstdHeader, zstdWindowBytes } from '../../src/decode/zstd-header.ts';
import { concatenate } from '../../src/exchange/content-queue.ts';
import { textContent } from '../support/decoding.ts';

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const SKIPPABLE = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];

function compressed(content: Uint8Array, { checksum = 0, level = 3 } = {}): Uint8Array {
  return zstdCompressSync(content, {
    params: { [constants.ZSTD_c_checksumFlag]: checksum, [constants.ZSTD_c_compressionLevel]: level },
  });
}

interface Taken {
  frames: Uint8Array[];
  blocks: number;
  isComplete: boolean;
}

/** The frames put together again from their blocks. */
function taken(input: Uint8Array, pieceBytes = Number.POSITIVE_INFINITY): Taken {
  const frames = new ZstdBlocks();
  const result: Taken = { frames: [], blocks: 0, isComplete: true };
  let parts: Uint8Array[] = [];
  for (let at = 0; at < input.length; at += pieceBytes) {
    frames.push(input.slice(at, at + pieceBytes));
    for (let block = frames.next(); block !== undefined; block = frames.next()) {
      result.blocks += 1;
      parts.push(block.bytes);
      if (!block.isLast) continue;
      result.frames.push(concatenate(parts));
      parts = [];
    }
  }
  return { ...result, isComplete: frames.isComplete };
}

describe('ZstdBlocks', () => {
  const first = compressed(textContent(300_000), { checksum: 1 });
  const second = compressed(textContent(50));
  const input = concatenate([Uint8Array.from(SKIPPABLE), first, Uint8Array.from(SKIPPABLE), second]);

  it.each([1, 2, 3, 17, 1_000, 1_000_000])(
    'takes frames apart that come in pieces of %i bytes',
    (pieceBytes) => {
      const { frames, blocks, isComplete } = taken(input, pieceBytes);
      expect(frames).toEqual([new Uint8Array(first), new Uint8Array(second)]);
      expect(blocks).toBe(4);
      expect(isComplete).toBe(true);
      expect(zstdDecompressSync(frames[0] as Uint8Array).equals(textContent(300_000))).toBe(true);
    },
  );

  it('knows whether something is missing', () => {
    const frame = compressed(textContent(500), { checksum: 1 });
    const whole = concatenate([Uint8Array.from(SKIPPABLE), frame, Uint8Array.from(SKIPPABLE), second]);
    const ends = new Set([
      0,
      SKIPPABLE.length,
      SKIPPABLE.length + frame.length,
      whole.length - second.length,
    ]);
    for (let end = 0; end < whole.length; end++) {
      expect(taken(whole.subarray(0, end)).isComplete).toBe(ends.has(end));
    }
  });

  it('refuses what is no frame behind one that is', () => {
    expect(() => taken(concatenate([second, Uint8Array.of(0)]))).toThrow('no frame');
  });

  it.each([
    ['what is no frame', [1, 2, 3, 4], 'no frame'],
    ['what begins like a skippable frame', [0x50, 0x2a, 0x4d, 0x19], 'no frame'],
    ['a reserved bit', [...MAGIC, 8, 0], 'unknown form'],
    ['a dictionary', [...MAGIC, 1, 0, 5], 'dictionary'],
    ['a window above 8 MiB', [...MAGIC, 0, (13 << 3) | 1], 'at most 8388608 bytes, got 9437184'],
    ['a single segment above 8 MiB', [...MAGIC, 0xa0, 1, 0, 128, 0], 'at most 8388608 bytes, got 8388609'],
    ['a reserved type of block', [...MAGIC, 0, 0, 7, 0, 0], 'no known type'],
    ['a block larger than the window', [...MAGIC, 0, 0, (1 << 3) | 1, 32, 0], 'too large'],
    ['a block above 128 KiB', [...MAGIC, 0, 80, (1 << 3) | 1, 0, 16], 'too large'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => taken(Uint8Array.from(bytes))).toThrow(message);
    expect(() => zstdDecompressSync(Uint8Array.from(bytes))).toThrow();
  });

  it('takes the largest window that encoders for HTTP may ask for', () => {
    expect(readZstdHeader(Uint8Array.from([...MAGIC, 0, 13 << 3]))?.windowBytes).toBe(8_388_608);
  });
});

describe('readZstdHeader', () => {
  it.each([
    ['no length', [0, 80], undefined],
    ['one byte', [32, 200], 200],
    ['two bytes', [64, 80, 1, 1], 513],
    ['four bytes', [128, 80, 1, 1, 1, 1], 16_843_009],
    ['eight bytes', [192, 80, 1, 0, 0, 0, 1, 0, 0, 0], 4_294_967_297],
  ])('reads a length of the content of %s', (_, bytes, contentBytes) => {
    const header = Uint8Array.from([...MAGIC, ...bytes]);
    expect(readZstdHeader(header)).toMatchObject({ headerBytes: header.length, contentBytes });
    for (let end = 0; end < header.length; end++)
      expect(readZstdHeader(header.subarray(0, end))).toBeUndefined();
  });

  it('reads whether there is a checksum', () => {
    expect(readZstdHeader(Uint8Array.from([...MAGIC, 4, 80]))?.hasChecksum).toBe(true);
    expect(readZstdHeader(Uint8Array.from([...MAGIC, 0, 80]))?.hasChecksum).toBe(false);
  });

  it.each([
    [0, 1_024],
    [1, 1_152],
    [7, 1_920],
    [8, 2_048],
    [13 << 3, 8_388_608],
  ])('reads window descriptor %i', (descriptor, windowBytes) => {
    expect(zstdWindowBytes(descriptor)).toBe(windowBytes);
  });
});

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import { baseOf, bitsOf, makeFseTable, readFseTable, symbolOf } from '../../src/decode/zstd-fse.ts';
import { decoded, expectBytes, random, textContent } from '../support/decoding.ts';

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

const portable = (raw: Uint8Array) => decoded('zstd', raw, { zlib: {} });

/** A frame of one compressed block, with a window of 2^windowLog bytes. */
function frameOf(block: number[], windowLog = 17): Uint8Array {
  const head = (block.length << 3) | (2 << 1) | 1;
  return Uint8Array.from([
    ...MAGIC,
    0,
    (windowLog - 10) << 3,
    head & 255,
    (head >> 8) & 255,
    head >> 16,
    ...block,
  ]);
}

/** Head of literals in one stream of codes, or four: so many of them, in so many bytes. */
function compressedLiterals(count: number, bytes: number, streams = 1): number[] {
  const head = 2 | (streams === 4 ? 4 : 0) | (count << 4) | (bytes << 14);
  return [head & 255, (head >> 8) & 255, head >> 16];
}

const ONE_LITERAL = [1 << 3, 65];

/** One sequence, each part of which always has the same code: length of literals, offset, length of the match. */
function oneSequence(literalCode: number, offsetCode: number, matchCode: number): number[] {
  return [1, 0b01010100, literalCode, offsetCode, matchCode];
}

async function rejection(raw: Uint8Array): Promise<string | undefined> {
  return portable(raw).then(
    () => undefined,
    (error: Error) => (error.cause as Error).message,
  );
}

describe('a compressed block', () => {
  it.each([
    ['a literal and its repetition', [...ONE_LITERAL, ...oneSequence(1, 2, 0), 0b100], 'AAAA'],
    ['literals alone', [...ONE_LITERAL, 0], 'A'],
    ['literals behind the last sequence', [3 << 3, 65, 66, 67, ...oneSequence(1, 2, 0), 0b100], 'AAAABC'],
    // Offset value 1 is the last offset, which is 1 at first, or the one before it where there are no literals.
    [
      'four streams',
      [...compressedLiterals(8, 12, 4), 128, 16, 1, 0, 1, 0, 1, 0, 0b111, 0b110, 0b101, 0b100, 0],
      '\x01\x01\x01\x00\x00\x01\x00\x00',
    ],
    ['the last offset', [...ONE_LITERAL, ...oneSequence(1, 0, 0), 0b1], 'AAAA'],
  ])('with %s is undone', async (_, block, content) => {
    const raw = frameOf(block);
    expect(new TextDecoder().decode(await portable(raw))).toBe(content);
    expect(zstdDecompressSync(raw).toString()).toBe(content);
  });

  it.each([
    ['literals that are cut off', [31 << 3, 65], 'longer than their block'],
    [
      'literals that refer to no table',
      [...compressedLiterals(1, 1).map((byte, i) => (i === 0 ? byte | 3 : byte)), 1],
      'table that is not there',
    ],
    ['a Huffman table that is cut off', [...compressedLiterals(1, 1), 5], 'table that is cut off'],
    ['weights that are none', [...compressedLiterals(1, 3), 128, 0, 1, 0], 'no Huffman code'],
    // One symbol has all 32 states: it takes no bits, so that there are always enough for another.
    [
      'weights without an end',
      [...compressedLiterals(1, 6), 4, 0xf0, 3, 255, 255, 1, 0],
      'more weights than symbols',
    ],
    [
      'weights that are cut off',
      [...compressedLiterals(1, 5), 3, 0xf0, 3, 1, 1, 0],
      'weights that are cut off',
    ],
    [
      'four streams of two literals',
      [...compressedLiterals(2, 12, 4), 128, 16, 1, 0, 1, 0, 1, 0, 0b10, 0b10, 1, 1, 0],
      'too few for four streams',
    ],
    [
      'four streams that are cut off',
      [...compressedLiterals(4, 12, 4), 128, 16, 1, 0, 1, 0, 9, 0, 0b10, 0b10, 0b10, 0b10, 0],
      'literals that are cut off',
    ],
    ['no end of the literals', [...compressedLiterals(1, 3), 128, 16, 0, 0], 'bits without an end'],
    [
      'fewer literals than it tells',
      [...compressedLiterals(5, 3), 128, 16, 0b111, 0],
      'not as long as they should be',
    ],
    [
      'more literals than it tells',
      [...compressedLiterals(1, 3), 128, 16, 0b111, 0],
      'not as long as they should be',
    ],
    ['no sequences', ONE_LITERAL, 'without sequences'],
    ['something behind no sequences', [...ONE_LITERAL, 0, 0], 'goes on behind'],
    ['sequences of a reserved form', [...ONE_LITERAL, 1, 1, 1], 'unknown form'],
    ['sequences that refer to no table', [...ONE_LITERAL, 1, 0b11000000, 1], 'table that is not there'],
    [
      'a code that is none',
      [...ONE_LITERAL, ...oneSequence(36, 2, 0), 0b100],
      'code for lengths of literals that is none',
    ],
    ['a table that is too large', [...ONE_LITERAL, 1, 0b10000000, 5, 0, 0], 'too large'],
    ['a table that is cut off', [...ONE_LITERAL, 1, 0b10000000, 0], 'a table that is none'],
    [
      'a match before the content',
      [...ONE_LITERAL, ...oneSequence(1, 3, 0), 0b1111],
      'begins before the content',
    ],
    [
      'an offset larger than any window',
      [...ONE_LITERAL, ...oneSequence(1, 25, 0), 0, 0, 0, 0b10],
      'begins before the content',
    ],
    ['an offset of nothing', [...ONE_LITERAL, ...oneSequence(0, 1, 0), 0b11], 'begins before the content'],
    [
      'more literals than there are',
      [...ONE_LITERAL, ...oneSequence(2, 2, 0), 0b100],
      'longer than it may be',
    ],
    [
      'too long a match',
      [...ONE_LITERAL, ...oneSequence(1, 2, 52), 255, 255, 0b100],
      'longer than it may be',
    ],
    ['too few bits', [...ONE_LITERAL, ...oneSequence(1, 2, 0), 1], 'cut off'],
    ['too many bits', [...ONE_LITERAL, ...oneSequence(1, 2, 0), 0b1000], 'more bits than sequences'],
    ['no bits', [...ONE_LITERAL, ...oneSequence(1, 2, 0)], 'bits without an end'],
  ])('with %s is refused', async (_, block, message) => {
    expect(await rejection(frameOf(block))).toContain(message);
    expect(() => zstdDecompressSync(frameOf(block))).toThrow();
  });
});

test('a compressed block with more literals behind a match than there is room for is refused', async () => {
  // 1024 times the same literal are all that a window of 1 KiB allows.
  const raw = frameOf([1 | (1 << 2), 64, 65, ...oneSequence(1, 2, 0), 0b100], 10);
  expect(await rejection(raw)).toContain('longer than it may be');
  expect(() => zstdDecompressSync(raw)).toThrow();
});

describe('content that zstd compressed', () => {
  const content = textContent(1_500_000);

  it.each([-5, 1, 2, 4, 7, 12, 17, 22])('at level %i is undone', async (level) => {
    const part = content.subarray(0, level > 10 ? 300_000 : undefined);
    const raw = zstdCompressSync(part, { params: { [constants.ZSTD_c_compressionLevel]: level } });
    expectBytes(await portable(raw), part);
  });

  it.each([10, 12, 15, 17, 20])('with a window of 2^%i bytes is undone', async (windowLog) => {
    const params = { [constants.ZSTD_c_windowLog]: windowLog, [constants.ZSTD_c_contentSizeFlag]: 0 };
    expectBytes(await portable(zstdCompressSync(content, { params })), content);
  });

  it('and that was changed afterwards is refused, or gives what node:zlib gives', async () => {
    const next = random(5);
    for (let round = 0; round < 600; round++) {
      const at = next(1_000_000);
      const raw = zstdCompressSync(content.subarray(at, at + next(3_000)), {
        params: { [constants.ZSTD_c_compressionLevel]: next(10) - 2 },
      });
      for (let changes = 1 + next(3); changes > 0; changes--)
        raw[next(next(2) === 0 ? 40 : raw.length)] = next(256);
      let expected: Uint8Array | undefined;
      try {
        expected = zstdDecompressSync(raw);
      } catch {
        expect(await rejection(raw)).toBeDefined();
        continue;
      }
      // Where codes of literals do not end where they should, node:zlib does not always notice.
      const failure = await rejection(raw);
      if (failure === undefined) expectBytes(await portable(raw), expected);
      else expect(failure).toMatch(/literals that are not as long|at most 8388608|no frame/);
    }
  });
});

describe('a table of states', () => {
  it('is what RFC 8878 Appendix A.1 has for lengths of literals', () => {
    const probabilities = [
      4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1,
      -1, -1,
    ];
    const { states } = makeFseTable(probabilities, 6);
    const row = (state: number) => {
      const entry = states[state] as number;
      return [symbolOf(entry), bitsOf(entry), baseOf(entry)];
    };
    expect([0, 1, 2, 3, 15, 16, 30, 31, 60, 63].map(row)).toEqual([
      [0, 4, 0],
      [0, 4, 16],
      [1, 5, 32],
      [3, 5, 0],
      [22, 5, 0],
      [24, 5, 0],
      [11, 5, 0],
      [13, 6, 0],
      [35, 6, 0],
      [32, 6, 0],
    ]);
  });

  it('is read with small probabilities, zeros and repetitions of zeros', () => {
    // Accuracy 5. Of 32: 16 to symbol 0 (value 17 of 0–33, 6 bits), none to 1 to 6, the others to symbol 7.
    const bits = `${'0000'}${lowFirst(17, 5)}${lowFirst(1, 4)}${'11'}${'01'}${lowFirst(17 + 14, 5)}`;
    const bytes = Uint8Array.from({ length: 4 }, (_, i) =>
      [...bits.slice(i * 8, i * 8 + 8)].reduce((byte, bit, place) => byte | (Number(bit) << place), 0),
    );
    const { table, end } = readFseTable(bytes, 0, 4, 9, 35);
    const counts = new Map<number, number>();
    for (const state of table.states) counts.set(symbolOf(state), (counts.get(symbolOf(state)) ?? 0) + 1);
    expect(counts).toEqual(
      new Map([
        [0, 16],
        [7, 16],
      ]),
    );
    expect(end).toBe(3);
  });
});

function lowFirst(value: number, count: number): string {
  return Array.from({ length: count }, (_, i) => (value >> i) & 1).join('');
}

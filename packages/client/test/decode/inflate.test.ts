import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Inflate } from '../../src/decode/inflate.ts';
import { concatenate } from '../../src/exchange/content-queue.ts';
import { expectBytes, random, textContent } from '../support/decoding.ts';

interface Result {
  content: Uint8Array;
  hasEnded: boolean;
  restBytes: number;
}

function inflated(data: Uint8Array, pieceBytes = Number.POSITIVE_INFINITY): Result {
  const inflate = new Inflate();
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < data.length && !inflate.hasEnded; at += pieceBytes) {
    inflate.push(data.subarray(at, at + pieceBytes));
    for (let piece = inflate.pull(); piece !== undefined; piece = inflate.pull()) pieces.push(piece);
  }
  return {
    content: concatenate(pieces),
    hasEnded: inflate.hasEnded,
    restBytes: inflate.rest.length,
  };
}

function randomBytes(length: number, values: number): Uint8Array {
  const next = random(length);
  return Uint8Array.from({ length }, () => next(values));
}

const CONTENTS = {
  nothing: new Uint8Array(0),
  'one byte': Uint8Array.of(65),
  'a run': new Uint8Array(300_000).fill(7),
  text: textContent(300_000),
  'random bytes': randomBytes(100_000, 256),
  'three letters': randomBytes(100_000, 3),
  'a text again after exactly 32 KiB': concatenate([textContent(32_768), textContent(32_768)]),
};

const STRATEGIES = {
  default: constants.Z_DEFAULT_STRATEGY,
  'Huffman only': constants.Z_HUFFMAN_ONLY,
  runs: constants.Z_RLE,
  'fixed codes': constants.Z_FIXED,
};

describe('Inflate', () => {
  describe.each(Object.entries(CONTENTS))('undoes what zlib made of %s', (_, content) => {
    it.each(Object.entries(STRATEGIES))('with strategy: %s', (_, strategy) => {
      for (const level of [0, 1, 6, 9]) {
        const data = deflateRawSync(content, { level, strategy });
        const result = inflated(data);
        expect(result).toMatchObject({ hasEnded: true, restBytes: 0 });
        expectBytes(result.content, content);
      }
    });

    it('in pieces of any size', () => {
      const data = deflateRawSync(content.subarray(0, 40_000), { memLevel: 1 });
      for (const pieceBytes of [1, 2, 3, 5, 7, 64, 1_000]) {
        const { content: got, hasEnded } = inflated(data, pieceBytes);
        expect(hasEnded).toBe(true);
        expectBytes(got, content.subarray(0, 40_000));
      }
    });
  });

  it('knows where in its input the data ended', () => {
    const data = deflateRawSync(textContent(10_000));
    const followed = concatenate([data, Uint8Array.of(1, 2, 3, 4, 5)]);
    const inflate = new Inflate();
    inflate.push(followed);
    while (inflate.pull() !== undefined);
    expect(inflate.hasEnded).toBe(true);
    expect(inflate.rest).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  });

  it('gives at every byte all that zlib gives', () => {
    const content = textContent(1_000);
    const data = deflateRawSync(content);
    for (let length = 1; length < data.length; length++) {
      const part = data.subarray(0, length);
      const expected = inflateRawSync(part, { finishFlush: constants.Z_SYNC_FLUSH });
      const got = inflated(part);
      expect(got.content).toEqual(new Uint8Array(expected));
      expect(got.hasEnded).toBe(false);
    }
  });

  it('makes 64 KiB at a time, at most', () => {
    const inflate = new Inflate();
    inflate.push(deflateRawSync(new Uint8Array(200_000)));
    const lengths: number[] = [];
    for (let piece = inflate.pull(); piece !== undefined; piece = inflate.pull()) lengths.push(piece.length);
    expect(lengths).toEqual([65_536, 65_536, 65_536, 3_392]);
  });

  it('gives pieces that nobody else has', () => {
    const inflate = new Inflate();
    inflate.push(deflateRawSync(textContent(200_000)));
    const first = inflate.pull() as Uint8Array;
    expect(first.length).toBe(first.buffer.byteLength);
    first.fill(0);
    expect(inflate.pull()).toEqual(textContent(200_000).subarray(65_536, 131_072));
  });

  // Bits are written in the order they come, fields of more than one bit highest first where RFC 1951 has codes.
  it.each([
    ['a reserved kind of block', '1 11', 'no known kind'],
    [
      'a stored block whose lengths differ',
      '1 00 00000 1000000000000000 1111111111111111',
      'lengths of a stored block',
    ],
    ['287 symbols', '1 01 01111 00000 0000', 'more symbols than there are'],
    ['31 distances', '1 01 00000 01111 0000', 'more symbols than there are'],
    ['code lengths without a code', `1 01 00000 00000 0000 ${'000'.repeat(4)}`, 'without a meaning'],
    [
      'code lengths with too many codes',
      `1 01 00000 00000 0000 ${'100'.repeat(4)}`,
      'more codes than there can be',
    ],
    ['a repetition of nothing', `1 01 00000 00000 0000 100 100 000 000 0 00`, 'without a place'],
    // Lengths 18 and 0 have one bit each: 0 is '0', 18 is '1'. 138 zeros, 120 zeros make 258 lengths.
    ['no end of the block', '1 01 00000 00000 0000 000 000 100 100 1 1111111 1 1011011', 'cannot end'],
    [
      'more lengths than symbols',
      '1 01 00000 00000 0000 000 000 100 100 1 1111111 1 1111111',
      'without a place',
    ],
    ['a literal that is none', '1 10 11000110 ', 'a code without a meaning'],
    ['a distance that is none', '1 10 0000001 11110', 'a code without a meaning'],
    // Lengths of codes 1 and 18 are one bit: 256 zeros, and codes of one bit for what follows.
    [
      'a bit that no distance begins with',
      `1 01 10000 00000 0111 000 000 100 ${'000'.repeat(14)} 100 1 1111111 1 1101011 0 0 0 1 1`,
      'a code without a meaning',
    ],
    [
      'a bit that no literal begins with',
      `1 01 00000 00000 0111 000 000 100 ${'000'.repeat(14)} 100 1 1111111 1 1101011 0 0 1`,
      'a code without a meaning',
    ],
    ['a match before the content', '1 10 0000001 00000', 'begins before the content'],
  ])('refuses %s', (_, bits, message) => {
    expect(() => inflated(bytesOf(bits))).toThrow(message);
    expect(() => inflateRawSync(bytesOf(bits))).toThrow();
  });
});

/** Bits as they come, and ones behind them. */
function bytesOf(bits: string): Uint8Array {
  const flat = `${bits.replaceAll(' ', '')}${'1'.repeat(32)}`;
  return Uint8Array.from({ length: Math.floor(flat.length / 8) }, (_, i) =>
    [...flat.slice(i * 8, i * 8 + 8)].reduce((byte, bit, place) => byte | (Number(bit) << place), 0),
  );
}

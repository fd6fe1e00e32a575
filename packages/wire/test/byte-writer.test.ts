import { describe, expect, it } from 'vitest';
import { ByteReader } from '../src/byte-reader.ts';
import { ByteWriter } from '../src/byte-writer.ts';
import * as WIRE_LIMITS from '../src/limits.ts';
import { MAX_VARINT, varintLength } from '../src/varint.ts';
import { toHex } from './support/hex.ts';
import { Random } from './support/random.ts';

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter();
  write(writer);
  return toHex(writer.take());
}

describe('varint', () => {
  it.each([
    [494_878_333, '9d7f3e7d'],
    [15_293, '7bbd'],
    [37, '25'],
    [0, '00'],
    [63, '3f'],
    [64, '4040'],
    [16_383, '7fff'],
    [16_384, '80004000'],
    [1_073_741_823, 'bfffffff'],
    [1_073_741_824, 'c000000040000000'],
    [4_294_967_295, 'c0000000ffffffff'],
    [4_294_967_296, 'c000000100000000'],
    [MAX_VARINT, 'c01fffffffffffff'],
  ])('writes %d as %s', (value, digits) => {
    expect(written((writer) => writer.varint(value))).toBe(digits);
  });

  it.each([-1, MAX_VARINT + 1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => new ByteWriter().varint(value)).toThrow(RangeError);
  });

  it('writes what the reader reads, in the shortest form', () => {
    const random = new Random(1);
    for (let i = 0; i < 10_000; i++) {
      const value = Math.floor(2 ** (random.below(53_000) / 1_000));
      const writer = new ByteWriter();
      writer.varint(value);
      expect(writer.length).toBe(varintLength(value));
      expect(new ByteReader(writer.take()).varint()).toBe(value);
    }
  });
});

it('writes an eight-byte code point from its halves', () => {
  expect(written((writer) => writer.wide(0x3f515330, 0x0d0a0d0a))).toBe('ff5153300d0a0d0a');
});

it('writes bytes, characters and text', () => {
  expect(written((writer) => writer.byte(7))).toBe('07');
  expect(written((writer) => writer.bytes(Uint8Array.of(1, 2, 3)))).toBe('010203');
  expect(written((writer) => writer.latin1('aÿ'))).toBe('61ff');
  expect(written((writer) => writer.utf8('aÿ'))).toBe('0361c3bf');
});

it('gives everything written since the last take', () => {
  const writer = new ByteWriter();
  writer.byte(1);
  writer.byte(2);
  expect(writer.length).toBe(2);
  expect(toHex(writer.take())).toBe('0102');
  expect(writer.length).toBe(0);
  expect(writer.take().length).toBe(0);
  writer.byte(3);
  expect(toHex(writer.take())).toBe('03');
});

it('keeps what is not taken when it grows', () => {
  const writer = new ByteWriter();
  writer.byte(1);
  writer.take();
  writer.byte(2);
  writer.bytes(new Uint8Array(100_000).fill(3));
  writer.byte(4);
  const taken = writer.take();
  expect(taken.length).toBe(100_002);
  expect([taken[0], taken[1], taken[100_000], taken[100_001]]).toEqual([2, 3, 3, 4]);
});

it('shares a slab between small messages', () => {
  const writer = new ByteWriter();
  writer.bytes(new Uint8Array(100));
  const first = writer.take();
  writer.bytes(new Uint8Array(100));
  expect(writer.take().buffer).toBe(first.buffer);
});

describe('recycle', () => {
  const large = WIRE_LIMITS.maxRecordBytes - 100;

  function takeLarge(writer: ByteWriter): Uint8Array<ArrayBuffer> {
    writer.bytes(new Uint8Array(large));
    return writer.take();
  }

  it('gives the memory of a large piece to the next large one', () => {
    const writer = new ByteWriter();
    const first = takeLarge(writer);
    writer.recycle(first);
    expect(takeLarge(writer).buffer).toBe(first.buffer);
    expect(takeLarge(writer).buffer).not.toBe(first.buffer);
  });

  it('does not touch what was not given back', () => {
    const writer = new ByteWriter();
    const first = takeLarge(writer);
    const second = takeLarge(writer);
    expect(second.buffer).not.toBe(first.buffer);
    writer.recycle(second);
    writer.bytes(new Uint8Array(large).fill(7));
    expect(writer.take().buffer).toBe(second.buffer);
    expect(first.every((byte) => byte === 0)).toBe(true);
  });

  it('takes no notice of small pieces, which share their memory', () => {
    const writer = new ByteWriter();
    writer.byte(1);
    const first = writer.take();
    writer.recycle(first);
    writer.byte(2);
    const second = writer.take();
    expect([first[0], second[0]]).toEqual([1, 2]);
  });

  it('keeps a few buffers, not all', () => {
    const writer = new ByteWriter();
    const taken = Array.from({ length: 100 }, () => takeLarge(writer));
    for (const bytes of taken) writer.recycle(bytes);
    const known = new Set(taken.map((bytes) => bytes.buffer));
    const again = Array.from({ length: 100 }, () => takeLarge(writer).buffer);
    const reused = again.filter((buffer) => known.has(buffer)).length;
    expect(reused).toBeGreaterThan(0);
    expect(reused).toBeLessThan(20);
  });

  it('gives a piece larger than any record memory of its own', () => {
    const writer = new ByteWriter();
    writer.recycle(takeLarge(writer));
    writer.bytes(new Uint8Array(1_000_000).fill(9));
    const huge = writer.take();
    expect(huge.length).toBe(1_000_000);
    writer.recycle(huge);
    expect(takeLarge(writer).buffer).not.toBe(huge.buffer);
  });
});

it('never writes over bytes that were taken', () => {
  const random = new Random(2);
  const writer = new ByteWriter();
  const taken: { bytes: Uint8Array; digits: string }[] = [];
  for (let i = 0; i < 2_000; i++) {
    const parts = 1 + random.below(4);
    for (let part = 0; part < parts; part++) {
      const length = random.pick([0, 1, 7, 300, 5_000, 17_000]);
      switch (random.below(4)) {
        case 0:
          writer.reserve(length);
          break;
        case 1:
          writer.varint(length * 99_991);
          break;
        case 2:
          writer.latin1('x'.repeat(length));
          break;
        default:
          writer.bytes(new Uint8Array(length).fill(i));
      }
    }
    const bytes = writer.take();
    if (random.below(3) === 0) writer.recycle(bytes);
    else taken.push({ bytes, digits: toHex(bytes) });
  }
  for (const { bytes, digits } of taken) expect(toHex(bytes) === digits).toBe(true);
});

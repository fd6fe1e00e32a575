import { describe, expect, it } from 'vitest';
import { ByteReader } from '../src/byte-reader.ts';
import * as TRANSPORT_ERRORS from '../src/transport-error.ts';
import { MAX_VARINT } from '../src/varint.ts';
import { wireError } from './support/frames.ts';
import { fromHex, toHex } from './support/hex.ts';

describe('varint', () => {
  // The first four are RFC 9000 §A.1; the two-byte 37 is there too.
  it.each([
    ['9d7f3e7d', 494_878_333],
    ['7bbd', 15_293],
    ['25', 37],
    ['4025', 37],
    ['00', 0],
    ['3f', 63],
    ['4040', 64],
    ['7fff', 16_383],
    ['80004000', 16_384],
    ['bfffffff', 1_073_741_823],
    ['c000000040000000', 1_073_741_824],
    ['c0000000ffffffff', 4_294_967_295],
    ['c000000100000000', 4_294_967_296],
    ['c01fffffffffffff', MAX_VARINT],
    ['80000000', 0],
    ['c000000000000025', 37],
  ])('%s is %d', (digits, value) => {
    const bytes = fromHex(digits);
    const reader = new ByteReader(bytes);
    expect(reader.varint()).toBe(value);
    expect(reader.remaining).toBe(0);
    expect(new ByteReader(bytes).varintSaturated()).toBe(value);
    expect(new ByteReader(bytes).varintIfComplete()).toBe(value);
  });

  // RFC 9000 §A.1 gives 151,288,809,941,952,652 for the first: more than a number holds exactly.
  it.each(['c2197c5eff14e88c', 'c020000000000000', 'ffffffffffffffff'])('%s is above 2^53', (digits) => {
    const bytes = fromHex(digits);
    expect(wireError(() => new ByteReader(bytes).varint()).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
    expect(wireError(() => new ByteReader(bytes).varintIfComplete()).code).toBe(
      TRANSPORT_ERRORS.FRAME_ENCODING_ERROR,
    );
    const reader = new ByteReader(bytes);
    expect(reader.varintSaturated()).toBe(MAX_VARINT);
    expect(reader.remaining).toBe(0);
    const halves = reader.high.toString(16).padStart(8, '0') + reader.low.toString(16).padStart(8, '0');
    expect(BigInt(`0x${halves}`)).toBe(BigInt(`0x${digits}`) & 0x3fffffffffffffffn);
  });

  it('does not take an earlier large value for this one', () => {
    const reader = new ByteReader(fromHex('ffffffffffffffff c01fffffffffffff'));
    reader.varintSaturated();
    expect(reader.varint()).toBe(MAX_VARINT);
  });

  it.each(['40', '80', '800000', 'c0', 'c0000000000000', ''])('"%s" ends inside it', (digits) => {
    const bytes = fromHex(digits);
    expect(wireError(() => new ByteReader(bytes).varint()).message).toContain('truncated');
    expect(wireError(() => new ByteReader(bytes).varintSaturated()).code).toBe(
      TRANSPORT_ERRORS.FRAME_ENCODING_ERROR,
    );
    const reader = new ByteReader(bytes);
    expect(reader.varintIfComplete()).toBe(-1);
    expect(reader.offset).toBe(0);
  });
});

describe('take', () => {
  it('gives views of the bytes, not copies', () => {
    const bytes = fromHex('010203040506');
    const reader = new ByteReader(bytes);
    reader.varint();
    const taken = reader.take(3);
    expect(toHex(taken)).toBe('020304');
    expect(taken.buffer).toBe(bytes.buffer);
    expect(reader.remaining).toBe(2);
  });

  it('refuses more than there is and stays where it was', () => {
    const reader = new ByteReader(fromHex('010203'));
    expect(wireError(() => reader.take(4)).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
    expect(wireError(() => reader.take(MAX_VARINT)).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
    expect(toHex(reader.take(3))).toBe('010203');
  });

  it('stops where the reader is told to end', () => {
    const reader = new ByteReader(fromHex('0102034025'));
    reader.end = 4;
    expect(wireError(() => reader.take(5)).message).toContain('truncated');
    reader.take(3);
    expect(wireError(() => reader.varint()).message).toContain('truncated');
    expect(reader.varintIfComplete()).toBe(-1);
  });

  it('respects the position of a view in its buffer', () => {
    const reader = new ByteReader(fromHex('ffff4025abff').subarray(2, 5));
    expect(reader.varint()).toBe(37);
    expect(toHex(reader.take(1))).toBe('ab');
    expect(wireError(() => reader.take(1)).message).toContain('truncated');
  });
});

it('starts over after reset', () => {
  const reader = new ByteReader();
  expect(reader.remaining).toBe(0);
  reader.reset(fromHex('25'));
  expect(reader.varint()).toBe(37);
  reader.reset(fromHex('7bbd'));
  expect(reader.varint()).toBe(15_293);
});

import { describe, expect, it } from 'vitest';
import { streamHeaderLength, writeStreamHeader } from '../../src/frame/stream-frame.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { framesOf, record, stream, wireError } from '../support/frames.ts';
import { golden, goldenToRead } from '../support/golden.ts';
import { fromHex, utf8 } from '../support/hex.ts';

golden('the first content', '0a 04 03 616263', stream(4, 0, utf8('abc')), ['stream', 4, 0, '616263', false]);
golden('content further on, and the end', '0f 00 412c 02 6869', stream(0, 300, utf8('hi'), true), [
  'stream',
  0,
  300,
  '6869',
  true,
]);
golden('an end without content', '0b 08 00', stream(8, 0, new Uint8Array(0), true), [
  'stream',
  8,
  0,
  '',
  true,
]);
golden(
  'large numbers',
  '0e c000000100000000 c01fffffffffffff 01 78',
  stream(2 ** 32, 2 ** 53 - 1, utf8('x')),
  ['stream', 2 ** 32, 2 ** 53 - 1, '78', false],
);
goldenToRead('longer forms', '0f 4004 80000005 4002 6869', ['stream', 4, 5, '6869', true]);
goldenToRead('an offset of 0 that is written out', '0e 04 00 02 6869', ['stream', 4, 0, '6869', false]);

describe('without a length', () => {
  it.each([
    ['08 04 616263', ['stream', 4, 0, '616263', false]],
    ['09 04 616263', ['stream', 4, 0, '616263', true]],
    ['0c 04 412c 616263', ['stream', 4, 300, '616263', false]],
    ['0d 04 412c', ['stream', 4, 300, '', true]],
  ])('%s runs to the end of the record', (digits, seen) => {
    expect(framesOf(fromHex(digits))).toEqual([seen]);
  });

  it.each(['08', '0c04', '0c0441'])('%s is cut in its header', (digits) => {
    expect(wireError(() => framesOf(fromHex(digits))).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
  });
});

it('leaves what follows its length to the next frame', () => {
  expect(framesOf(fromHex('0a 04 01 61 0a 08 01 62'))).toEqual([
    ['stream', 4, 0, '61', false],
    ['stream', 8, 0, '62', false],
  ]);
});

it.each([
  [0, 0, 0],
  [63, 0, 63],
  [64, 1, 64],
  [16_384, 64, 16_384],
  [2 ** 40, 2 ** 40, 2 ** 30],
])('knows how long its header is: stream %d, offset %d, length %d', (id, offset, length) => {
  const header = record((writer) => writeStreamHeader(writer, id, offset, length, false));
  expect(streamHeaderLength(id, offset, length)).toBe(header.length);
});

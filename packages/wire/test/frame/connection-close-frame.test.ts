import { describe, expect, it } from 'vitest';
import { writeConnectionClose } from '../../src/frame/connection-close-frame.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import { framesOf, record } from '../support/frames.ts';
import { golden, goldenToRead } from '../support/golden.ts';
import { fromHex } from '../support/hex.ts';

golden('a transport error', '1c 0a 00 02 6e6f', (writer) => writeConnectionClose(writer, false, 0x0a, 'no'), [
  'connectionClose',
  false,
  0x0a,
  'no',
]);
golden(
  'a code of the application',
  '1d 4108 03 627965',
  (writer) => writeConnectionClose(writer, true, 0x108, 'bye'),
  ['connectionClose', true, 0x108, 'bye'],
);
golden('no reason', '1d 00 00', (writer) => writeConnectionClose(writer, true, 0, ''), [
  'connectionClose',
  true,
  0,
  '',
]);
goldenToRead('a frame type above 2^53', '1c 07 ffffffffffffffff 00', ['connectionClose', false, 7, '']);

describe('the reason', () => {
  const bytes = WIRE_LIMITS.maxCloseReasonBytes;

  function reasonOf(text: string): unknown {
    return framesOf(record((writer) => writeConnectionClose(writer, true, 0, text)))[0]?.[3];
  }

  it('is kept to its longest', () => {
    expect(reasonOf('x'.repeat(bytes))).toBe('x'.repeat(bytes));
  });

  it.each([
    ['x'.repeat(bytes + 1), 'x'.repeat(bytes)],
    [`${'x'.repeat(bytes - 1)}é`, 'x'.repeat(bytes - 1)],
    [`${'x'.repeat(bytes - 3)}😀`, 'x'.repeat(bytes - 3)],
    ['€'.repeat(bytes), '€'.repeat(Math.floor(bytes / 3))],
  ])('is cut between two characters', (text, cut) => {
    expect(reasonOf(text)).toBe(cut);
  });

  // RFC 9000 §19.19: "This SHOULD be a UTF-8 encoded string". A peer that breaks it has closed all the same.
  it('may be anything but UTF-8', () => {
    expect(framesOf(fromHex('1d 4108 03 61ff62'))).toEqual([['connectionClose', true, 0x108, '']]);
  });
});

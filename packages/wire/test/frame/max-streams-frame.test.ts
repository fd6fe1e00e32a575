import { expect, it } from 'vitest';
import { writeMaxStreams } from '../../src/frame/max-streams-frame.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { framesOf, wireError } from '../support/frames.ts';
import { golden, goldenToRead } from '../support/golden.ts';
import { fromHex } from '../support/hex.ts';

golden('a limit of bidirectional streams', '12 4180', (writer) => writeMaxStreams(writer, true, 384), [
  'maxStreams',
  true,
  384,
]);
golden('a limit of unidirectional streams', '13 00', (writer) => writeMaxStreams(writer, false, 0), [
  'maxStreams',
  false,
  0,
]);
goldenToRead('a limit in a longer form', '12 80000180', ['maxStreams', true, 384]);
goldenToRead('the largest limit, 2^60', '12 d000000000000000', ['maxStreams', true, Number.MAX_SAFE_INTEGER]);

it.each(['12 d000000000000001', '13 ffffffffffffffff'])('refuses %s, above 2^60', (digits) => {
  expect(wireError(() => framesOf(fromHex(digits))).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
});

it('does not take an earlier large value for the limit', () => {
  expect(framesOf(fromHex('10 ffffffffffffffff 12 05'))).toEqual([
    ['maxData', Number.MAX_SAFE_INTEGER],
    ['maxStreams', true, 5],
  ]);
});

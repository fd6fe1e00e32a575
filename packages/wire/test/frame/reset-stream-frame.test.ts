import { expect, it } from 'vitest';
import { writeResetStream } from '../../src/frame/reset-stream-frame.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { framesOf, wireError } from '../support/frames.ts';
import { golden, goldenToRead } from '../support/golden.ts';
import { fromHex } from '../support/hex.ts';

golden('a code and a final size', '04 04 4100 7bbd', (writer) => writeResetStream(writer, 4, 0x100, 15_293), [
  'resetStream',
  4,
  0x100,
  15_293,
]);
goldenToRead('longer forms', '04 80000004 c000000000000100 80003bbd', ['resetStream', 4, 0x100, 15_293]);
goldenToRead('a code above 2^53 as the largest we know', '04 04 ffffffffffffffff 00', [
  'resetStream',
  4,
  Number.MAX_SAFE_INTEGER,
  0,
]);

it('refuses a final size above 2^53', () => {
  expect(wireError(() => framesOf(fromHex('04 04 00 c020000000000000'))).code).toBe(
    TRANSPORT_ERRORS.FRAME_ENCODING_ERROR,
  );
});

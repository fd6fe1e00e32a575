import { expect, it } from 'vitest';
import { writeStreamsBlocked } from '../../src/frame/streams-blocked-frame.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { framesOf, wireError } from '../support/frames.ts';
import { golden, goldenToRead } from '../support/golden.ts';
import { fromHex } from '../support/hex.ts';

golden('bidirectional streams', '16 4100', (writer) => writeStreamsBlocked(writer, true, 256), [
  'streamsBlocked',
  true,
  256,
]);
golden('unidirectional streams', '17 00', (writer) => writeStreamsBlocked(writer, false, 0), [
  'streamsBlocked',
  false,
  0,
]);
goldenToRead('a limit in a longer form', '16 80000100', ['streamsBlocked', true, 256]);

it('refuses a limit above 2^60', () => {
  expect(wireError(() => framesOf(fromHex('16 d000000000000001'))).code).toBe(
    TRANSPORT_ERRORS.FRAME_ENCODING_ERROR,
  );
});

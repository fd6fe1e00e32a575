import { expect, it } from 'vitest';
import { writePing } from '../../src/frame/qx-ping-frame.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { framesOf, wireError } from '../support/frames.ts';
import { golden, goldenToRead } from '../support/golden.ts';
import { fromHex } from '../support/hex.ts';

golden('a question', 'f48c67529ef8c7bd 05', (writer) => writePing(writer, false, 5), ['ping', false, 5]);
golden('an answer', 'f48c67529ef8c7be 4100', (writer) => writePing(writer, true, 256), ['ping', true, 256]);
goldenToRead('a longer form', 'f48c67529ef8c7bd 4005', ['ping', false, 5]);

it('refuses a sequence number above 2^53', () => {
  expect(wireError(() => framesOf(fromHex('f48c67529ef8c7bd ffffffffffffffff'))).code).toBe(
    TRANSPORT_ERRORS.FRAME_ENCODING_ERROR,
  );
});

import { describe, expect, it } from 'vitest';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { framesOf, wireError } from '../support/frames.ts';
import { fromHex } from '../support/hex.ts';

it('reads an empty record as no frames', () => {
  expect(framesOf(new Uint8Array(0))).toEqual([]);
});

it('reads frames in order', () => {
  expect(framesOf(fromHex('10 05 0a 04 01 61 04 04 00 01 f48c67529ef8c7bd 00 08 08 62'))).toEqual([
    ['maxData', 5],
    ['stream', 4, 0, '61', false],
    ['resetStream', 4, 0, 1],
    ['ping', false, 0],
    ['stream', 8, 0, '62', false],
  ]);
});

it('reads a run of PADDING as one', () => {
  expect(framesOf(fromHex('000000 10 05 00'))).toEqual([['padding'], ['maxData', 5], ['padding']]);
});

it('reads frame types in longer forms', () => {
  expect(framesOf(fromHex('4010 05 80000005 04 07 c00000000000000a 04 01 61'))).toEqual([
    ['maxData', 5],
    ['stopSending', 4, 7],
    ['stream', 4, 0, '61', false],
  ]);
});

describe('a type that is not one of QMux', () => {
  // draft-ietf-quic-qmux-02 §4: PING, ACK, CRYPTO, NEW_TOKEN, the connection IDs, the paths, HANDSHAKE_DONE.
  it.each(['01', '02', '03', '06', '07', '18', '19', '1a', '1b', '1e'])('0x%s is prohibited', (type) => {
    const error = wireError(() => framesOf(fromHex(`${type} 00000000000000000000`)));
    expect(error.code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
    expect(error.message).toContain(`0x${type.replace(/^0/, '')} `);
  });

  it.each([
    ['1f', '0x1f'],
    ['24', '0x24'],
    ['30', '0x30'],
    ['31', '0x31'],
    ['4100', '0x100'],
    ['bfffffff', '0x3fffffff'],
    ['c01fffffffffffff', '0x1fffffffffffff'],
    ['f48c67529ef8c7bc', '0x348c67529ef8c7bc'],
    ['f48c67529ef8c7bf', '0x348c67529ef8c7bf'],
    ['ff5153300d0a0d0b', '0x3f5153300d0a0d0b'],
    ['ff5153310d0a0d0a', '0x3f5153310d0a0d0a'],
    ['ffffffffffffffff', '0x3fffffffffffffff'],
    ['e000000000000001', '0x2000000000000001'],
  ])('%s is unknown', (type, name) => {
    const error = wireError(() => framesOf(fromHex(`${type} 0000`)));
    expect(error.code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
    expect(error.message).toContain(`${name} `);
  });

  it('stops the record where it stands', () => {
    const digits = '10 05 01 10 06';
    const error = wireError(() => framesOf(fromHex(digits)));
    expect(error.message).toContain('0x1 ');
  });
});

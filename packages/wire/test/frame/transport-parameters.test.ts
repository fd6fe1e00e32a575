import { describe, expect, it } from 'vitest';
import type { WireError } from '../../src/errors.ts';
import {
  ABSENT_PARAMETERS,
  type TransportParameters,
  writeTransportParameters,
} from '../../src/frame/transport-parameters.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import { clientParameters, gatewayParameters } from '../../src/session/session-parameters.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { framesOf, record, wireError } from '../support/frames.ts';
import { golden } from '../support/golden.ts';
import { fromHex, toHex } from '../support/hex.ts';

const TYPE = 'ff5153300d0a0d0a';
const MAX_RECORD_SIZE = 'c571c59429cd0845';

/** The frame with these parameters, each ID, length and value as hexadecimal. */
function frame(parameters: string): Uint8Array {
  const content = fromHex(parameters);
  return fromHex(`${TYPE} ${(0x4000 | content.length).toString(16)} ${toHex(content)}`);
}

function read(parameters: string): TransportParameters {
  return framesOf(frame(parameters))[0]?.[1] as TransportParameters;
}

function refusal(parameters: string): WireError {
  return wireError(() => framesOf(frame(parameters)));
}

golden(
  'what a gateway allows',
  `${TYPE} 1d 04 04 88080000 06 04 80040800 08 02 4100 ${MAX_RECORD_SIZE} 04 80010200`,
  (writer) => writeTransportParameters(writer, gatewayParameters()),
  ['transportParameters', gatewayParameters()],
);
golden(
  'what a client allows',
  `${TYPE} 19 04 04 88080000 05 04 80040800 ${MAX_RECORD_SIZE} 04 80010200`,
  (writer) => writeTransportParameters(writer, clientParameters()),
  ['transportParameters', clientParameters()],
);
golden(
  'nothing where everything has the value it has when absent',
  `${TYPE} 00`,
  (writer) => writeTransportParameters(writer, ABSENT_PARAMETERS),
  ['transportParameters', ABSENT_PARAMETERS],
);

describe('every parameter', () => {
  it.each([
    ['maxIdleTimeoutMs', '01'],
    ['initialMaxData', '04'],
    ['initialMaxStreamDataBidiLocal', '05'],
    ['initialMaxStreamDataBidiRemote', '06'],
    ['initialMaxStreamDataUni', '07'],
    ['initialMaxStreamsBidi', '08'],
    ['initialMaxStreamsUni', '09'],
    ['maxRecordSize', MAX_RECORD_SIZE],
  ] as const)('%s has its identifier', (name, id) => {
    const parameters = { ...ABSENT_PARAMETERS, [name]: 30_000 };
    expect(read(`${id} 04 80007530`)).toEqual(parameters);
    expect(toHex(record((writer) => writeTransportParameters(writer, parameters)))).toContain(
      `${id}0480007530`,
    );
  });

  it('may come in any order and in longer forms', () => {
    expect(read('4008 4001 05 80000004 08 c000000000000009')).toEqual({
      ...ABSENT_PARAMETERS,
      initialMaxStreamsBidi: 5,
      initialMaxData: 9,
    });
  });

  it('means the largest number we count when it is above 2^53', () => {
    expect(read('04 08 ffffffffffffffff').initialMaxData).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('may come once', () => {
    expect(refusal('04 01 05 04 01 05')).toMatchObject({ code: TRANSPORT_ERRORS.TRANSPORT_PARAMETER_ERROR });
    expect(refusal(`${MAX_RECORD_SIZE} 04 80010000 ${MAX_RECORD_SIZE} 04 80010000`).code).toBe(
      TRANSPORT_ERRORS.TRANSPORT_PARAMETER_ERROR,
    );
  });

  it.each(['04 00', '04 02 05 00', '04 02 05', '04 01 4005', '04 4001'])(
    '%s is not one integer',
    (parameters) => {
      expect([TRANSPORT_ERRORS.TRANSPORT_PARAMETER_ERROR, TRANSPORT_ERRORS.FRAME_ENCODING_ERROR]).toContain(
        refusal(parameters).code,
      );
    },
  );
});

describe('prohibited parameters', () => {
  it.each(['00', '02', '03', '0a', '0b', '0c', '0d', '0e', '0f', '10'])('0x%s is refused', (id) => {
    expect(refusal(`${id} 01 05`)).toMatchObject({
      code: TRANSPORT_ERRORS.TRANSPORT_PARAMETER_ERROR,
      message: expect.stringContaining(`0x${id.replace(/^0/, '')}`),
    });
  });
});

describe('unknown parameters', () => {
  // 0x20 is max_datagram_frame_size (RFC 9221), 27 the first reserved one (RFC 9000 §18.1), the last one is wide.
  it.each(['20 02 4100', '1b 00', 'c571c59429cd0846 03 010203', '3f 01 ff'])(
    '%s is ignored',
    (parameters) => {
      expect(read(`${parameters} 04 01 05`)).toEqual({ ...ABSENT_PARAMETERS, initialMaxData: 5 });
    },
  );

  it('must end within the frame', () => {
    expect(refusal('20 05 00').code).toBe(TRANSPORT_ERRORS.TRANSPORT_PARAMETER_ERROR);
  });
});

describe('max_record_size', () => {
  it('is 16382 when absent', () => {
    expect(read('').maxRecordSize).toBe(16_382);
    expect(WIRE_LIMITS.defaultMaxRecordBytes).toBe(16_382);
  });

  it('may be 16382', () => {
    expect(read(`${MAX_RECORD_SIZE} 02 7ffe`).maxRecordSize).toBe(16_382);
  });

  it.each(['02 7ffd', '01 00'])('may not be less: %s', (value) => {
    expect(refusal(`${MAX_RECORD_SIZE} ${value}`).code).toBe(TRANSPORT_ERRORS.TRANSPORT_PARAMETER_ERROR);
  });
});

describe('a limit of streams', () => {
  it.each(['08', '09'])('0x%s may be up to 2^60', (id) => {
    for (const value of ['c01fffffffffffff', 'c020000000000000', 'd000000000000000']) {
      expect(Object.values(read(`${id} 08 ${value}`))).toContain(Number.MAX_SAFE_INTEGER);
    }
  });

  // RFC 9000 §18.2: "MUST be treated as a connection error of type TRANSPORT_PARAMETER_ERROR if ... received".
  it.each(['08', '09'])('0x%s may not be above 2^60', (id) => {
    expect(refusal(`${id} 08 d000000000000001`).code).toBe(TRANSPORT_ERRORS.TRANSPORT_PARAMETER_ERROR);
  });

  it('is not mistaken for a large value read before it', () => {
    expect(read('04 08 ffffffffffffffff 08 01 05').initialMaxStreamsBidi).toBe(5);
  });
});

describe('the frame', () => {
  it('must fit the record', () => {
    expect(wireError(() => framesOf(fromHex(`${TYPE} 04 04 01 05`))).code).toBe(
      TRANSPORT_ERRORS.FRAME_ENCODING_ERROR,
    );
  });

  it('may not be longer than anybody needs', () => {
    const long = new Uint8Array(WIRE_LIMITS.maxTransportParametersBytes + 20);
    long.set(fromHex(`${TYPE} 5001`));
    expect(wireError(() => framesOf(long)).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
  });

  it('leaves what follows to the next frame', () => {
    expect(framesOf(fromHex(`${TYPE} 03 04 01 05 10 07`))).toMatchObject([
      ['transportParameters', {}],
      ['maxData', 7],
    ]);
  });
});

import type { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { WireError } from '../errors.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { FRAME_ENCODING_ERROR, TRANSPORT_PARAMETER_ERROR } from '../transport-error.ts';
import { MAX_VARINT, varintLength } from '../varint.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';
import { readStreamCount } from './max-streams-frame.ts';

// QX_TRANSPORT_PARAMETERS Frame {
//   Type (i) = 0x3f5153300d0a0d0a,
//   Length (i),
//   Transport Parameters (..),             each: ID (i), Length (i), Value (i)
// }                                                       draft-ietf-quic-qmux-02 §4.2, RFC 9000 §18

/** What an endpoint allows its peer. Sizes in bytes. */
export interface TransportParameters {
  /** Silence after which the session counts as dead, in milliseconds; 0 for never (RFC 9000 §10.1). */
  readonly maxIdleTimeoutMs: number;
  /** Credit of the whole session. */
  readonly initialMaxData: number;
  /** Credit of a stream that the sender of this parameter opens. */
  readonly initialMaxStreamDataBidiLocal: number;
  /** Credit of a stream that the receiver of this parameter opens. */
  readonly initialMaxStreamDataBidiRemote: number;
  /** Credit of a unidirectional stream. */
  readonly initialMaxStreamDataUni: number;
  /** Bidirectional streams the receiver of this parameter may have opened in all. */
  readonly initialMaxStreamsBidi: number;
  /** Unidirectional streams the receiver of this parameter may have opened in all. */
  readonly initialMaxStreamsUni: number;
  /** Largest record accepted. */
  readonly maxRecordSize: number;
}

type ParameterName = keyof TransportParameters;

/** Values that hold for a parameter a peer does not send (RFC 9000 §18.2, draft-ietf-quic-qmux-02 §5.2). */
export const ABSENT_PARAMETERS: TransportParameters = {
  maxIdleTimeoutMs: 0,
  initialMaxData: 0,
  initialMaxStreamDataBidiLocal: 0,
  initialMaxStreamDataBidiRemote: 0,
  initialMaxStreamDataUni: 0,
  initialMaxStreamsBidi: 0,
  initialMaxStreamsUni: 0,
  maxRecordSize: WIRE_LIMITS.defaultMaxRecordBytes,
};

/**
 * Parameters of RFC 9000 §18.2 that QMux permits, by identifier. It prohibits the others there (draft-ietf-quic-qmux-02
 * §5.1).
 */
const PARAMETERS: Readonly<Record<number, ParameterName>> = {
  1: 'maxIdleTimeoutMs',
  4: 'initialMaxData',
  5: 'initialMaxStreamDataBidiLocal',
  6: 'initialMaxStreamDataBidiRemote',
  7: 'initialMaxStreamDataUni',
  8: 'initialMaxStreamsBidi',
  9: 'initialMaxStreamsUni',
};

/** Last identifier of RFC 9000 §18.2. */
const LAST_IDENTIFIER = 0x10;

/** Upper half of max_record_size, 0x0571c59429cd0845 (draft-ietf-quic-qmux-02 §5.2). */
const MAX_RECORD_SIZE_HIGH = 0x0571c594;
/** Its lower half. */
const MAX_RECORD_SIZE_LOW = 0x29cd0845;

/** Writes a QX_TRANSPORT_PARAMETERS frame. Parameters at the value they have when absent are left out. */
export function writeTransportParameters(writer: ByteWriter, parameters: TransportParameters): void {
  const section = new ByteWriter();
  for (const id in PARAMETERS) {
    const value = parameters[PARAMETERS[id] as ParameterName];
    if (value === ABSENT_PARAMETERS[PARAMETERS[id] as ParameterName]) continue;
    section.varint(Number(id));
    writeValue(section, value);
  }
  if (parameters.maxRecordSize !== ABSENT_PARAMETERS.maxRecordSize) {
    section.wide(MAX_RECORD_SIZE_HIGH, MAX_RECORD_SIZE_LOW);
    writeValue(section, parameters.maxRecordSize);
  }
  writer.wide(FRAME_TYPES.QX_TRANSPORT_PARAMETERS_HIGH, FRAME_TYPES.QX_TRANSPORT_PARAMETERS_LOW);
  writer.varint(section.length);
  writer.bytes(section.take());
}

function writeValue(writer: ByteWriter, value: number): void {
  writer.varint(varintLength(value));
  writer.varint(value);
}

/** Reads a QX_TRANSPORT_PARAMETERS frame after its type. */
export function readTransportParameters(reader: ByteReader, sink: FrameSink): void {
  const length = reader.varint();
  if (length > WIRE_LIMITS.maxTransportParametersBytes || length > reader.remaining) {
    throw new WireError(
      FRAME_ENCODING_ERROR,
      `transport parameters must fit the record, got ${length} bytes`,
    );
  }
  const end = reader.offset + length;
  const values: Partial<Record<ParameterName, number>> = {};
  while (reader.offset < end) {
    const name = readParameterName(reader);
    const valueLength = reader.varint();
    const valueEnd = reader.offset + valueLength;
    if (valueEnd > end) throw parameterError('is longer than the frame');
    if (name === undefined) {
      // "An endpoint MUST ignore transport parameters that it does not support", RFC 9000 §7.4.2.
      reader.offset = valueEnd;
      continue;
    }
    // "An endpoint MUST NOT send a parameter more than once", RFC 9000 §7.4.
    if (name in values) throw parameterError(`${name} appears twice`);
    values[name] = readValue(name, reader);
    if (reader.offset !== valueEnd) throw parameterError(`${name} must be one integer`);
  }
  if (reader.offset !== end) throw parameterError('is longer than the frame');
  sink.transportParameters({ ...ABSENT_PARAMETERS, ...values });
}

function readParameterName(reader: ByteReader): ParameterName | undefined {
  const id = reader.varintSaturated();
  if (id === MAX_VARINT) {
    return reader.high === MAX_RECORD_SIZE_HIGH && reader.low === MAX_RECORD_SIZE_LOW
      ? 'maxRecordSize'
      : undefined;
  }
  const name = PARAMETERS[id];
  if (name === undefined && id <= LAST_IDENTIFIER) {
    throw parameterError(`0x${id.toString(16)} is prohibited in QMux`);
  }
  return name;
}

function readValue(name: ParameterName, reader: ByteReader): number {
  if (name === 'initialMaxStreamsBidi' || name === 'initialMaxStreamsUni') {
    return readStreamCount(reader, TRANSPORT_PARAMETER_ERROR);
  }
  const value = reader.varintSaturated();
  if (name === 'maxRecordSize' && value < WIRE_LIMITS.defaultMaxRecordBytes) {
    throw parameterError(`${name} must be at least ${WIRE_LIMITS.defaultMaxRecordBytes}, got ${value}`);
  }
  return value;
}

function parameterError(what: string): WireError {
  return new WireError(TRANSPORT_PARAMETER_ERROR, `transport parameter ${what}`);
}

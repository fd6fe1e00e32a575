import type { ByteReader } from '../byte-reader.ts';
import { WireError } from '../errors.ts';
import { FRAME_ENCODING_ERROR } from '../transport-error.ts';
import { MAX_VARINT } from '../varint.ts';
import { readConnectionClose } from './connection-close-frame.ts';
import { readDataBlocked } from './data-blocked-frame.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';
import { readMaxData } from './max-data-frame.ts';
import { readMaxStreamData } from './max-stream-data-frame.ts';
import { readMaxStreams } from './max-streams-frame.ts';
import { readPadding } from './padding-frame.ts';
import { readPing } from './qx-ping-frame.ts';
import { readResetStream } from './reset-stream-frame.ts';
import { readStopSending } from './stop-sending-frame.ts';
import { readStreamDataBlocked } from './stream-data-blocked-frame.ts';
import { readStream } from './stream-frame.ts';
import { readStreamsBlocked } from './streams-blocked-frame.ts';
import { readTransportParameters } from './transport-parameters.ts';

/**
 * Reads every frame of a record and gives it to `sink`, in order.
 *
 * @throws {@link WireError} at the first frame that is truncated, unknown or prohibited. A frame that QMux does not
 * permit is a FRAME_ENCODING_ERROR (draft-ietf-quic-qmux-02 §4); so is an unknown one (RFC 9000 §12.4), since we
 * negotiate no extension.
 */
export function decodeRecord(reader: ByteReader, sink: FrameSink): void {
  while (reader.remaining > 0) decodeFrame(reader, sink);
}

/** Reads a frame after its type. */
type ReadFrame = (reader: ByteReader, sink: FrameSink, type: number) => void;

/** The frames whose type has one byte, but for STREAM, which has eight types. */
const READERS: Readonly<Record<number, ReadFrame>> = {
  [FRAME_TYPES.PADDING]: readPadding,
  [FRAME_TYPES.RESET_STREAM]: readResetStream,
  [FRAME_TYPES.STOP_SENDING]: readStopSending,
  [FRAME_TYPES.MAX_DATA]: readMaxData,
  [FRAME_TYPES.MAX_STREAM_DATA]: readMaxStreamData,
  [FRAME_TYPES.MAX_STREAMS_BIDI]: readMaxStreams,
  [FRAME_TYPES.MAX_STREAMS_UNI]: readMaxStreams,
  [FRAME_TYPES.DATA_BLOCKED]: readDataBlocked,
  [FRAME_TYPES.STREAM_DATA_BLOCKED]: readStreamDataBlocked,
  [FRAME_TYPES.STREAMS_BLOCKED_BIDI]: readStreamsBlocked,
  [FRAME_TYPES.STREAMS_BLOCKED_UNI]: readStreamsBlocked,
  [FRAME_TYPES.CONNECTION_CLOSE]: readConnectionClose,
  [FRAME_TYPES.APPLICATION_CLOSE]: readConnectionClose,
};

function decodeFrame(reader: ByteReader, sink: FrameSink): void {
  const type = reader.varintSaturated();
  if (type >= FRAME_TYPES.STREAM && type < FRAME_TYPES.MAX_DATA) return readStream(reader, sink, type);
  if (type === MAX_VARINT) return decodeWideFrame(reader, sink);
  const read = READERS[type];
  if (read === undefined) throw unknownFrame(`0x${type.toString(16)}`);
  read(reader, sink, type);
}

function decodeWideFrame(reader: ByteReader, sink: FrameSink): void {
  const { high, low } = reader;
  if (high === FRAME_TYPES.QX_PING_HIGH) {
    if (low === FRAME_TYPES.QX_PING_REQUEST_LOW) return readPing(false, reader, sink);
    if (low === FRAME_TYPES.QX_PING_RESPONSE_LOW) return readPing(true, reader, sink);
  }
  if (high === FRAME_TYPES.QX_TRANSPORT_PARAMETERS_HIGH && low === FRAME_TYPES.QX_TRANSPORT_PARAMETERS_LOW) {
    return readTransportParameters(reader, sink);
  }
  throw unknownFrame(`0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`);
}

function unknownFrame(type: string): WireError {
  return new WireError(FRAME_ENCODING_ERROR, `frame type ${type} is not one of QMux`);
}

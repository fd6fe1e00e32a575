import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { WireError } from '../errors.ts';
import { FRAME_ENCODING_ERROR } from '../transport-error.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// MAX_STREAMS Frame {
//   Type (i) = 0x12..0x13,
//   Maximum Streams (i),
// }                                                       RFC 9000 §19.11

/** A limit above this could name a stream whose identifier no varint holds (RFC 9000 §4.6). */
const MAX_STREAMS_HIGH = 0x1000_0000;

/** Writes a MAX_STREAMS frame. */
export function writeMaxStreams(writer: ByteWriter, bidirectional: boolean, limit: number): void {
  writer.byte(bidirectional ? FRAME_TYPES.MAX_STREAMS_BIDI : FRAME_TYPES.MAX_STREAMS_UNI);
  writer.varint(limit);
}

/** Reads a MAX_STREAMS frame after its type. */
export function readMaxStreams(reader: ByteReader, sink: FrameSink, type: number): void {
  sink.maxStreams(type === FRAME_TYPES.MAX_STREAMS_BIDI, readStreamCount(reader, FRAME_ENCODING_ERROR));
}

/**
 * Reads a number of streams.
 *
 * @param error - code of the error: "of type TRANSPORT_PARAMETER_ERROR if the offending value was received in a transport
 * parameter or of type FRAME_ENCODING_ERROR if it was received in a frame", RFC 9000 §4.6.
 * @throws {@link WireError} above 2^60.
 */
export function readStreamCount(reader: ByteReader, error: number): number {
  reader.high = 0;
  const count = reader.varintSaturated();
  if (reader.high > MAX_STREAMS_HIGH || (reader.high === MAX_STREAMS_HIGH && reader.low > 0)) {
    throw new WireError(error, 'number of streams must be at most 2^60');
  }
  return count;
}

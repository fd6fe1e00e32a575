import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { FRAME_ENCODING_ERROR } from '../transport-error.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';
import { readStreamCount } from './max-streams-frame.ts';

// STREAMS_BLOCKED Frame {
//   Type (i) = 0x16..0x17,
//   Maximum Streams (i),
// }                                                       RFC 9000 §19.14

/** Writes a STREAMS_BLOCKED frame. */
export function writeStreamsBlocked(writer: ByteWriter, bidirectional: boolean, limit: number): void {
  writer.byte(bidirectional ? FRAME_TYPES.STREAMS_BLOCKED_BIDI : FRAME_TYPES.STREAMS_BLOCKED_UNI);
  writer.varint(limit);
}

/** Reads a STREAMS_BLOCKED frame after its type. */
export function readStreamsBlocked(reader: ByteReader, sink: FrameSink, type: number): void {
  sink.streamsBlocked(
    type === FRAME_TYPES.STREAMS_BLOCKED_BIDI,
    readStreamCount(reader, FRAME_ENCODING_ERROR),
  );
}

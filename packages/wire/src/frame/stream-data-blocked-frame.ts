import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// STREAM_DATA_BLOCKED Frame {
//   Type (i) = 0x15,
//   Stream ID (i),
//   Maximum Stream Data (i),
// }                                                       RFC 9000 §19.13

/** Writes a STREAM_DATA_BLOCKED frame. */
export function writeStreamDataBlocked(writer: ByteWriter, id: number, limit: number): void {
  writer.byte(FRAME_TYPES.STREAM_DATA_BLOCKED);
  writer.varint(id);
  writer.varint(limit);
}

/** Reads a STREAM_DATA_BLOCKED frame after its type. */
export function readStreamDataBlocked(reader: ByteReader, sink: FrameSink): void {
  const id = reader.varint();
  sink.streamDataBlocked(id, reader.varintSaturated());
}

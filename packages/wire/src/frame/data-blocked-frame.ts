import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// DATA_BLOCKED Frame {
//   Type (i) = 0x14,
//   Maximum Data (i),
// }                                                       RFC 9000 §19.12

/** Writes a DATA_BLOCKED frame. */
export function writeDataBlocked(writer: ByteWriter, limit: number): void {
  writer.byte(FRAME_TYPES.DATA_BLOCKED);
  writer.varint(limit);
}

/** Reads a DATA_BLOCKED frame after its type. */
export function readDataBlocked(reader: ByteReader, sink: FrameSink): void {
  sink.dataBlocked(reader.varintSaturated());
}

import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// MAX_DATA Frame {
//   Type (i) = 0x10,
//   Maximum Data (i),
// }                                                       RFC 9000 §19.9

/** Writes a MAX_DATA frame. */
export function writeMaxData(writer: ByteWriter, limit: number): void {
  writer.byte(FRAME_TYPES.MAX_DATA);
  writer.varint(limit);
}

/** Reads a MAX_DATA frame after its type. */
export function readMaxData(reader: ByteReader, sink: FrameSink): void {
  sink.maxData(reader.varintSaturated());
}

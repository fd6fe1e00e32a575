import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// MAX_STREAM_DATA Frame {
//   Type (i) = 0x11,
//   Stream ID (i),
//   Maximum Stream Data (i),
// }                                                       RFC 9000 §19.10

/** Writes a MAX_STREAM_DATA frame. */
export function writeMaxStreamData(writer: ByteWriter, id: number, limit: number): void {
  writer.byte(FRAME_TYPES.MAX_STREAM_DATA);
  writer.varint(id);
  writer.varint(limit);
}

/** Reads a MAX_STREAM_DATA frame after its type. */
export function readMaxStreamData(reader: ByteReader, sink: FrameSink): void {
  const id = reader.varint();
  sink.maxStreamData(id, reader.varintSaturated());
}

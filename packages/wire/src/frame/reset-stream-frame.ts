import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// RESET_STREAM Frame {
//   Type (i) = 0x04,
//   Stream ID (i),
//   Application Protocol Error Code (i),
//   Final Size (i),
// }                                                       RFC 9000 §19.4

/** Writes a RESET_STREAM frame. */
export function writeResetStream(writer: ByteWriter, id: number, code: number, finalSize: number): void {
  writer.byte(FRAME_TYPES.RESET_STREAM);
  writer.varint(id);
  writer.varint(code);
  writer.varint(finalSize);
}

/** Reads a RESET_STREAM frame after its type. */
export function readResetStream(reader: ByteReader, sink: FrameSink): void {
  const id = reader.varint();
  const code = reader.varintSaturated();
  sink.resetStream(id, code, reader.varint());
}

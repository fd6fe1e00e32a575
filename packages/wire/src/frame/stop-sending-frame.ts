import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// STOP_SENDING Frame {
//   Type (i) = 0x05,
//   Stream ID (i),
//   Application Protocol Error Code (i),
// }                                                       RFC 9000 §19.5

/** Writes a STOP_SENDING frame. */
export function writeStopSending(writer: ByteWriter, id: number, code: number): void {
  writer.byte(FRAME_TYPES.STOP_SENDING);
  writer.varint(id);
  writer.varint(code);
}

/** Reads a STOP_SENDING frame after its type. */
export function readStopSending(reader: ByteReader, sink: FrameSink): void {
  const id = reader.varint();
  sink.stopSending(id, reader.varintSaturated());
}

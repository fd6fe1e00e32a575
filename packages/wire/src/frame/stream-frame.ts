import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { varintLength } from '../varint.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';
import { STREAM_FIN, STREAM_LEN, STREAM_OFF } from './frame-type.ts';

// STREAM Frame {
//   Type (i) = 0x08..0x0f,
//   Stream ID (i),
//   [Offset (i)],
//   [Length (i)],
//   Stream Data (..),
// }                                                       RFC 9000 §19.8

/** Bytes before the content of a STREAM frame that carries at most `length` bytes, Length field included. */
export function streamHeaderLength(id: number, offset: number, length: number): number {
  return 1 + varintLength(id) + (offset > 0 ? varintLength(offset) : 0) + varintLength(length);
}

/** Writes everything of a STREAM frame but its content: `length` bytes must follow at once. */
export function writeStreamHeader(
  writer: ByteWriter,
  id: number,
  offset: number,
  length: number,
  fin: boolean,
): void {
  writer.byte(FRAME_TYPES.STREAM | (offset > 0 ? STREAM_OFF : 0) | STREAM_LEN | (fin ? STREAM_FIN : 0));
  writer.varint(id);
  if (offset > 0) writer.varint(offset);
  writer.varint(length);
}

/** Reads a STREAM frame after its type. */
export function readStream(reader: ByteReader, sink: FrameSink, type: number): void {
  const id = reader.varint();
  const offset = type & STREAM_OFF ? reader.varint() : 0;
  const length = type & STREAM_LEN ? reader.varint() : reader.remaining;
  sink.stream(id, offset, reader.take(length), (type & STREAM_FIN) !== 0);
}

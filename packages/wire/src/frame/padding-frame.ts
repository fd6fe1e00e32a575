import type { ByteReader } from '../byte-reader.ts';
import type { FrameSink } from './frame-sink.ts';

// PADDING Frame {
//   Type (i) = 0x00,
// }                                                       RFC 9000 §19.1

/** Reads a PADDING frame after its type, and those that follow it at once: a run of them counts as one. */
export function readPadding(reader: ByteReader, sink: FrameSink): void {
  while (reader.offset < reader.end && reader.bytes[reader.offset] === 0) reader.offset++;
  sink.padding();
}

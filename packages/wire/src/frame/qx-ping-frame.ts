import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FrameSink } from './frame-sink.ts';
import { QX_PING_REQUEST, QX_PING_RESPONSE } from './frame-type.ts';

// QX_PING Frame {
//   Type (i) = 0x348c67529ef8c7bd..0x348c67529ef8c7be,
//   Sequence Number (i),
// }                                                       draft-ietf-quic-qmux-02 §4.3

/** Writes a QX_PING frame. */
export function writePing(writer: ByteWriter, response: boolean, sequence: number): void {
  const type = response ? QX_PING_RESPONSE : QX_PING_REQUEST;
  writer.wide(type.high, type.low);
  writer.varint(sequence);
}

/** Reads a QX_PING frame after its type. */
export function readPing(response: boolean, reader: ByteReader, sink: FrameSink): void {
  sink.ping(response, reader.varint());
}

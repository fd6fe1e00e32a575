import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// QX_PING Frame {
//   Type (i) = 0x348c67529ef8c7bd..0x348c67529ef8c7be,
//   Sequence Number (i),
// }                                                       draft-ietf-quic-qmux-02 §4.3

/** Writes a QX_PING frame. */
export function writePing(writer: ByteWriter, response: boolean, sequence: number): void {
  writer.wide(
    FRAME_TYPES.QX_PING_HIGH,
    response ? FRAME_TYPES.QX_PING_RESPONSE_LOW : FRAME_TYPES.QX_PING_REQUEST_LOW,
  );
  writer.varint(sequence);
}

/** Reads a QX_PING frame after its type. */
export function readPing(response: boolean, reader: ByteReader, sink: FrameSink): void {
  sink.ping(response, reader.varint());
}

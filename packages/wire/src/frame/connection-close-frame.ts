import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import type { FrameSink } from './frame-sink.ts';
import * as FRAME_TYPES from './frame-type.ts';

// CONNECTION_CLOSE Frame {
//   Type (i) = 0x1c..0x1d,
//   Error Code (i),
//   [Frame Type (i)],                      only in 0x1c
//   Reason Phrase Length (i),
//   Reason Phrase (..),
// }                                                       RFC 9000 §19.19

/** Writes a CONNECTION_CLOSE frame: 0x1d for the application's own codes, 0x1c for a transport error. */
export function writeConnectionClose(
  writer: ByteWriter,
  application: boolean,
  code: number,
  reason: string,
): void {
  writer.byte(application ? FRAME_TYPES.APPLICATION_CLOSE : FRAME_TYPES.CONNECTION_CLOSE);
  writer.varint(code);
  // "A value of 0 (equivalent to the mention of the PADDING frame) is used when the frame type is unknown", §19.19.
  if (!application) writer.varint(0);
  const phrase = encodeUtf8(reason);
  // A cut inside a character would not be UTF-8: cut back to a character boundary (continuation bytes are 10xxxxxx).
  let length = Math.min(phrase.length, WIRE_LIMITS.maxCloseReasonBytes);
  while (length < phrase.length && length > 0 && ((phrase[length] as number) & 0xc0) === 0x80) length--;
  writer.varint(length);
  writer.bytes(phrase.subarray(0, length));
}

/** Reads a CONNECTION_CLOSE frame after its type. */
export function readConnectionClose(reader: ByteReader, sink: FrameSink, type: number): void {
  const application = type === FRAME_TYPES.APPLICATION_CLOSE;
  const code = reader.varintSaturated();
  if (!application) reader.varintSaturated();
  const phrase = reader.take(reader.varint());
  sink.connectionClose(application, code, reasonOf(phrase));
}

/** "This SHOULD be a UTF-8 encoded string", §19.19: a peer whose reason is none has closed all the same. */
function reasonOf(phrase: Uint8Array): string {
  try {
    return decodeUtf8(phrase, 'reason');
  } catch {
    return '';
  }
}

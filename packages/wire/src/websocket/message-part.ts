import type { ByteWriter } from '../byte-writer.ts';
import { FAILURES, type Failure } from '../failure.ts';
import { failureText } from '../failure-meaning.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { encodeUtf8 } from '../utf8.ts';
import { varintLength } from '../varint.ts';
import { type CloseStatus, closePayload } from './close-status.ts';

// Message Part {
//   Kind (8),                              FIN and opcode of RFC 6455 §5.2
//   Length (i),
//   Payload (..),                          of a Close as in RFC 6455 §5.5.1
// }                                        of a failure: Failure Code (i), Detail (..) in UTF-8

/** In the kind of a part: the message ends with it. */
export const FIN = 0x80;

// Opcodes (RFC 6455 §11.8).

/** More of the message that has begun. */
export const CONTINUATION = 0x0;
/** A message of UTF-8 begins. */
export const TEXT = 0x1;
/** A message of bytes begins. */
export const BINARY = 0x2;
/** The last words. */
export const CLOSE = 0x8;

/** Reserved in RFC 6455 and never sent by it: how a gateway says that the WebSocket has failed. */
export const FAILURE = 0xf;

/** What a message holds. */
export type MessageOpcode = typeof TEXT | typeof BINARY;

/** Begins a part of a message: `length` bytes of payload follow. */
export function writePartHead(
  writer: ByteWriter,
  opcode: MessageOpcode | typeof CONTINUATION,
  isLast: boolean,
  length: number,
): void {
  writer.byte(isLast ? FIN | opcode : opcode);
  writer.varint(length);
}

/** Closes the WebSocket: the last part a side sends. */
export function writeClosePart(writer: ByteWriter, status: CloseStatus): void {
  const payload = closePayload(status);
  writer.byte(FIN | CLOSE);
  writer.varint(payload.length);
  writer.bytes(payload);
}

/** The WebSocket has failed: the last part a gateway sends, in place of a Close. */
export function writeFailurePart(writer: ByteWriter, failure: Failure): void {
  const { code } = FAILURES[failure.name];
  // Our texts are short; the cut only keeps the promise of the limit.
  const detail = encodeUtf8(failureText(failure).slice(0, WIRE_LIMITS.maxFailureDetailBytes / 4));
  writer.byte(FIN | FAILURE);
  writer.varint(varintLength(code) + detail.length);
  writer.varint(code);
  writer.bytes(detail);
}

import type { ByteWriter } from '../byte-writer.ts';
import { checkFieldLines, type FieldLines, writeFieldSection } from './field-lines.ts';
import { INDETERMINATE_LENGTH, RESPONSE, TERMINATOR } from './framing.ts';
import type { RequestHead } from './request-head.ts';
import { checkStatus } from './response-head.ts';

// Only indeterminate length is written: what we carry streams, and its length is rarely known when it begins. What comes
// from an origin is checked before a byte of it is written, so a writer never holds half of a refused message. A request
// comes from a client that has checked it, in the words of its caller, and is checked where it arrives.

/**
 * Begins a request: framing indicator, control data, header section. {@link writeContentChunk} and
 * {@link writeRequestEnd} complete it.
 *
 * @param head - its caller has seen to it that no character is above U+00FF; the recipient refuses whatever else is wrong.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9292#section-3.2 | RFC 9292 §3.2}
 */
export function writeRequestHead(writer: ByteWriter, head: RequestHead): void {
  writer.byte(INDETERMINATE_LENGTH);
  writeString(writer, head.method);
  writeString(writer, head.scheme);
  writeString(writer, head.authority);
  writeString(writer, head.path);
  writeFieldSection(writer, head.fields);
}

/**
 * Begins a response: the framing indicator, once. Any number of informational heads, one final head
 * ({@link writeResponseHead}), content and {@link writeEnd} complete it.
 */
export function writeResponseFraming(writer: ByteWriter): void {
  writer.byte(INDETERMINATE_LENGTH | RESPONSE);
}

/**
 * Writes the head of an informational (status 100 to 199) or the final response.
 *
 * @throws {@link MessageError} when the status code or a field line is invalid; nothing is written then.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9292#section-3.5 | RFC 9292 §3.5}
 */
export function writeResponseHead(writer: ByteWriter, status: number, fields: FieldLines): void {
  checkStatus(status);
  checkFieldLines(fields, 'header');
  writer.varint(status);
  writeFieldSection(writer, fields);
}

/** Writes one piece of content. An empty one writes nothing: its length would be the terminator (RFC 9292 §3.2). */
export function writeContentChunk(writer: ByteWriter, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/** Ends content and request. A request has no trailers: no gateway passes them on. */
export function writeRequestEnd(writer: ByteWriter): void {
  writer.byte(TERMINATOR);
  writer.byte(TERMINATOR);
}

/**
 * Ends content and message. Both terminators are written even where RFC 9292 §3.8 would let us truncate: the recipient
 * then knows at once that the message is complete.
 *
 * @throws {@link MessageError} when a trailer is invalid; nothing is written then.
 */
export function writeEnd(writer: ByteWriter, trailers: FieldLines): void {
  checkFieldLines(trailers, 'trailer');
  writer.byte(TERMINATOR);
  writeFieldSection(writer, trailers);
}

function writeString(writer: ByteWriter, text: string): void {
  writer.varint(text.length);
  writer.latin1(text);
}

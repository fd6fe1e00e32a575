import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { violation } from '../errors.ts';
import { readFields, writeFields } from '../exchange/field-table.ts';
import { RESPONSE_METADATA, type ResponseMetadata } from '../exchange/response-metadata.ts';
import { RESULT_FAILURE, RESULT_RESPONSE } from '../exchange/stream-kind.ts';
import { failureName } from '../failure.ts';
import * as WIRE_LIMITS from '../limits.ts';
import type { FieldLines } from '../message/field-lines.ts';
import { readFieldSection } from '../message/field-section.ts';
import { TERMINATOR } from '../message/framing.ts';
import { writeResponseHead } from '../message/message-encoder.ts';
import { PrefixBuffer } from '../prefix-buffer.ts';
import { decodeUtf8 } from '../utf8.ts';
import { MessagePartDecoder, type MessagePartHandler } from './message-part-decoder.ts';

// WebSocket Response {
//   Result Kind (8) = 1,
//   Response Metadata (..),                a field section
//   Head Length (i),
//   Status (i) = 101,                      the head of an informational response, RFC 9292 §3.5.1
//   Field Line (..) ...,
//   Terminator (i) = 0,
//   Message Part (..) ...,
// }
// or an Exchange Failure.

/** Switching Protocols (RFC 9110 §15.2.2): the origin has opened the WebSocket. */
const SWITCHING_PROTOCOLS = 101;

/** Heads are written one at a time, and their length comes before them. */
const head = new ByteWriter();

/**
 * Writes everything before the first message.
 *
 * @throws {@link MessageError} when a field line is invalid; nothing is written then.
 */
export function writeWebSocketResponse(
  writer: ByteWriter,
  metadata: ResponseMetadata,
  fields: FieldLines,
): void {
  head.discard();
  writeResponseHead(head, SWITCHING_PROTOCOLS, fields);
  writer.byte(RESULT_RESPONSE);
  writeFields(writer, RESPONSE_METADATA, metadata);
  writer.varint(head.length);
  writer.bytes(head.take());
}

/** Takes what a gateway says on the stream of a WebSocket. */
export interface WebSocketResponseHandler extends MessagePartHandler {
  /** The origin has opened the WebSocket. */
  opened(metadata: ResponseMetadata, fields: FieldLines): void;
}

/** Reads what a gateway sends, from pieces of any size. */
export class WebSocketResponseDecoder {
  readonly #handler: WebSocketResponseHandler;
  readonly #parts: MessagePartDecoder;
  #prefix: PrefixBuffer | undefined = new PrefixBuffer();
  #hasFailed = false;

  /** @param handler - what is read goes there; a WebSocket that was never opened ends with `failure`. */
  constructor(handler: WebSocketResponseHandler) {
    this.#handler = handler;
    this.#parts = new MessagePartDecoder('gateway', handler);
  }

  /**
   * Takes the next bytes.
   *
   * @throws {@link WireError} when they break the rules; the decoder is of no use afterwards.
   */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#hasFailed) throw violation('nothing may follow a failure');
    if (this.#prefix === undefined) {
      this.#parts.push(bytes);
      return;
    }
    this.#prefix.push(bytes);
    const reader = new ByteReader(this.#prefix.bytes);
    const kind = reader.varint();
    if (kind !== RESULT_RESPONSE && kind !== RESULT_FAILURE) {
      throw violation(`answer must be a response or a failure, got kind ${kind}`);
    }
    if (kind === RESULT_RESPONSE) this.#readResponse(reader);
    else this.#readFailure(reader);
  }

  /**
   * The stream has ended.
   *
   * @throws {@link WireError} when the gateway has not said how the WebSocket ended.
   */
  finish(): void {
    if (!this.#hasFailed && !this.#parts.isOver) {
      throw violation('the stream of a WebSocket must not end before it is closed');
    }
  }

  #readResponse(reader: ByteReader): void {
    const section = part(reader, WIRE_LIMITS.maxMetadataBytes);
    const received = section === undefined ? undefined : part(reader, WIRE_LIMITS.maxHeadBytes);
    if (section === undefined || received === undefined) return;
    const metadata = readFields(section, RESPONSE_METADATA, () => {});
    const fields = readHead(received);
    this.#prefix = undefined;
    this.#handler.opened(metadata, fields);
    if (reader.remaining > 0) this.#parts.push(reader.take(reader.remaining));
  }

  #readFailure(reader: ByteReader): void {
    const code = reader.varintIfComplete();
    const detail = code < 0 ? undefined : part(reader, WIRE_LIMITS.maxFailureDetailBytes);
    if (detail === undefined) return;
    if (reader.remaining > 0) throw violation('nothing may follow a failure');
    this.#hasFailed = true;
    this.#handler.failure({ name: failureName(code), detail: decodeUtf8(detail, 'detail of a failure') });
  }
}

/** What stands behind its length, once all of it is here. */
function part(reader: ByteReader, most: number): Uint8Array | undefined {
  const length = reader.varintIfComplete();
  if (length > most) throw violation(`part of an answer must have at most ${most} bytes, got ${length}`);
  return length < 0 || reader.remaining < length ? undefined : reader.take(length);
}

function readHead(bytes: Uint8Array): FieldLines {
  const reader = new ByteReader(bytes);
  const status = reader.varint();
  if (status !== SWITCHING_PROTOCOLS) throw violation(`status of a WebSocket must be 101, got ${status}`);
  const from = reader.offset;
  // Name and value in turn, until a name has no length.
  for (let isName = true; ; isName = !isName) {
    const at = reader.offset;
    const length = reader.varint();
    if (isName && length === TERMINATOR) {
      if (reader.remaining > 0) throw violation('nothing may follow the fields of a head');
      return readFieldSection(bytes, from, at, 'header');
    }
    reader.take(length);
  }
}

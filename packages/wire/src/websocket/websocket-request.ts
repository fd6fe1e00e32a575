import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { violation } from '../errors.ts';
import { readFields, writeFields } from '../exchange/field-table.ts';
import { UnknownOptionError } from '../exchange/request-options.ts';
import { WEBSOCKET_STREAM } from '../exchange/stream-kind.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { RequestDecoder } from '../message/message-decoder.ts';
import { writeRequestEnd, writeRequestHead } from '../message/message-encoder.ts';
import { MessageError } from '../message/message-error.ts';
import type { RequestHead } from '../message/request-head.ts';
import { PrefixBuffer } from '../prefix-buffer.ts';
import { MessagePartDecoder, type MessagePartHandler } from './message-part-decoder.ts';
import { WEBSOCKET_OPTIONS, type WebSocketOptions } from './websocket-options.ts';

// WebSocket Request {
//   Stream Kind (8) = 3,
//   Context ID (i),
//   WebSocket Options (..),                a field section
//   Request Length (i),
//   Request (..),                          RFC 9292 §3.2, without content
//   Message Part (..) ...,
// }

/** Requests are written one at a time, and their length comes before them. */
const request = new ByteWriter();

/** Writes the stream kind and everything up to the first message. */
export function writeWebSocketRequest(
  writer: ByteWriter,
  contextId: number,
  options: WebSocketOptions,
  head: RequestHead,
): void {
  writer.byte(WEBSOCKET_STREAM);
  writer.varint(contextId);
  writeFields(writer, WEBSOCKET_OPTIONS, options);
  request.discard();
  writeRequestHead(request, head);
  writeRequestEnd(request);
  writer.varint(request.length);
  writer.bytes(request.take());
}

/** Takes what a client says on the stream of a WebSocket. */
export interface WebSocketRequestHandler extends MessagePartHandler {
  /** All that comes before the first message. */
  request(contextId: number, options: WebSocketOptions, head: RequestHead): void;
}

/** Reads what a client sends, the stream kind aside, from pieces of any size. */
export class WebSocketRequestDecoder {
  readonly #handler: WebSocketRequestHandler;
  readonly #parts: MessagePartDecoder;
  readonly #maxHeadBytes: number;
  #prefix: PrefixBuffer | undefined = new PrefixBuffer();

  /** @param handler - what is read goes there. @param maxHeadBytes - longest head of the request. */
  constructor(handler: WebSocketRequestHandler, maxHeadBytes: number = WIRE_LIMITS.maxHeadBytes) {
    this.#handler = handler;
    this.#maxHeadBytes = maxHeadBytes;
    this.#parts = new MessagePartDecoder('client', handler);
  }

  /** Whether the client has closed. */
  get isOver(): boolean {
    return this.#parts.isOver;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {@link WireError} when they break the rules; the decoder is of no use afterwards.
   */
  push(bytes: Uint8Array): void {
    if (this.#prefix === undefined) {
      this.#parts.push(bytes);
      return;
    }
    this.#prefix.push(bytes);
    const reader = new ByteReader(this.#prefix.bytes);
    const contextId = reader.varintIfComplete();
    const section = contextId < 0 ? undefined : this.#section(reader, 'options', WIRE_LIMITS.maxOptionsBytes);
    // Control data and header section, and what ends the message.
    const message = section === undefined ? undefined : this.#section(reader, 'head', this.#maxHeadBytes + 8);
    if (section === undefined || message === undefined) return;
    const options = readFields(section, WEBSOCKET_OPTIONS, (id) => {
      throw new UnknownOptionError(id);
    });
    const head = requestHead(message, this.#maxHeadBytes);
    this.#prefix = undefined;
    this.#handler.request(contextId, options, head);
    if (reader.remaining > 0) this.#parts.push(reader.take(reader.remaining));
  }

  /**
   * The stream has ended.
   *
   * @throws {@link WireError} when the client has not closed before.
   */
  finish(): void {
    if (!this.isOver) throw violation('the stream of a WebSocket must not end before it is closed');
  }

  #section(reader: ByteReader, what: string, most: number): Uint8Array | undefined {
    const length = reader.varintIfComplete();
    if (length > most) {
      throw new MessageError('limit', `WebSocket ${what} must have at most ${most} bytes, got ${length}`);
    }
    return length < 0 || reader.remaining < length ? undefined : reader.take(length);
  }
}

function requestHead(message: Uint8Array, maxHeadBytes: number): RequestHead {
  let head: RequestHead | undefined;
  const decoder = new RequestDecoder(
    {
      requestHead: (received) => {
        head = received;
      },
      content: () => {
        throw new MessageError('invalid', 'the request of a WebSocket must not have content');
      },
      end: () => {},
    },
    { maxHeadBytes, maxTrailerBytes: 1, maxInformationalResponses: 0 },
  );
  decoder.push(message);
  decoder.finish();
  return head as RequestHead;
}

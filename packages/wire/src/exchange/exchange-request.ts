import { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { violation } from '../errors.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { RequestDecoder, type RequestHandler } from '../message/message-decoder.ts';
import { writeRequestHead } from '../message/message-encoder.ts';
import type { MessageLimits } from '../message/message-limits.ts';
import type { RequestHead } from '../message/request-head.ts';
import { PrefixBuffer } from '../prefix-buffer.ts';
import { readFields, writeFields } from './field-table.ts';
import { REQUEST_OPTIONS, type RequestOptions, UnknownOptionError } from './request-options.ts';
import { EXCHANGE_STREAM } from './stream-kind.ts';

// Exchange Request {
//   Stream Kind (8) = 1,
//   Context ID (i),
//   Request Options (..),                  a field section
//   Request (..),                          RFC 9292 §3.2, indeterminate length
// }

/** Writes the stream kind and everything up to the request's content. */
export function writeExchangeRequest(
  writer: ByteWriter,
  contextId: number,
  options: RequestOptions,
  head: RequestHead,
): void {
  writer.byte(EXCHANGE_STREAM);
  writer.varint(contextId);
  writeFields(writer, REQUEST_OPTIONS, options);
  writeRequestHead(writer, head);
}

/** Takes an exchange's request as it arrives. */
export interface ExchangeRequestHandler extends RequestHandler {
  /** The bytes before the request. */
  begin(contextId: number, options: RequestOptions): void;
}

/** Reads an exchange's request, the stream kind aside, from pieces of any size. */
export class ExchangeRequestDecoder {
  readonly #handler: ExchangeRequestHandler;
  readonly #message: RequestDecoder;
  #prefix: PrefixBuffer | undefined = new PrefixBuffer();

  /** @param handler - what is read goes there. @param limits - of the request's head and trailers. */
  constructor(handler: ExchangeRequestHandler, limits?: MessageLimits) {
    this.#handler = handler;
    this.#message = new RequestDecoder(handler, limits);
  }

  /**
   * Takes the next bytes.
   *
   * @throws {@link WireError} when they are no exchange request; the decoder is of no use afterwards.
   */
  push(bytes: Uint8Array): void {
    if (this.#prefix === undefined) {
      this.#message.push(bytes);
      return;
    }
    this.#prefix.push(bytes);
    const reader = new ByteReader(this.#prefix.bytes);
    const contextId = reader.varintIfComplete();
    const length = contextId < 0 ? -1 : reader.varintIfComplete();
    if (length > WIRE_LIMITS.maxOptionsBytes) {
      throw violation(
        `request options must have at most ${WIRE_LIMITS.maxOptionsBytes} bytes, got ${length}`,
      );
    }
    if (length < 0 || reader.remaining < length) return;
    const options = readFields(reader.take(length), REQUEST_OPTIONS, (id) => {
      throw new UnknownOptionError(id);
    });
    this.#prefix = undefined;
    this.#handler.begin(contextId, options);
    if (reader.remaining > 0) this.#message.push(reader.take(reader.remaining));
  }

  /**
   * The stream has ended.
   *
   * @throws {@link WireError} when the request is not complete.
   */
  finish(): void {
    if (this.#prefix !== undefined) throw violation('exchange must contain a request');
    this.#message.finish();
  }
}

import { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { WireError } from '../errors.ts';
import { FAILURES, type Failure, failureName } from '../failure.ts';
import { failureText } from '../failure-meaning.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { ResponseDecoder, type ResponseHandler } from '../message/message-decoder.ts';
import { writeResponseFraming } from '../message/message-encoder.ts';
import type { MessageLimits } from '../message/message-limits.ts';
import { PrefixBuffer } from '../prefix-buffer.ts';
import { PROTOCOL_VIOLATION } from '../transport-error.ts';
import { decodeUtf8 } from '../utf8.ts';
import { readFields, writeFields } from './field-table.ts';
import { RESPONSE_METADATA, type ResponseMetadata } from './response-metadata.ts';
import { RESULT_FAILURE, RESULT_RESPONSE } from './stream-kind.ts';

// Exchange Response {
//   Result Kind (8) = 1,                         Exchange Failure {
//   Response Metadata (..),  a field section       Result Kind (8) = 2,
//   Response (..),           RFC 9292 §3.2         Failure Code (i),
// }                                                Detail Length (i),
//                                                  Detail (..),             UTF-8
//                                                }

/** Writes everything before the first response head. */
export function writeExchangeResponse(writer: ByteWriter, metadata: ResponseMetadata): void {
  writer.byte(RESULT_RESPONSE);
  writeFields(writer, RESPONSE_METADATA, metadata);
  writeResponseFraming(writer);
}

/** Writes a failure: all an exchange without a response is answered with. */
export function writeExchangeFailure(writer: ByteWriter, failure: Failure): void {
  writer.byte(RESULT_FAILURE);
  writer.varint(FAILURES[failure.name].code);
  // Our texts are short; the cut only keeps the promise of the limit.
  writer.utf8(failureText(failure).slice(0, WIRE_LIMITS.maxFailureDetailBytes / 4));
}

/** Takes an exchange's answer as it arrives. */
export interface ExchangeResponseHandler extends ResponseHandler {
  /** What comes before the response. */
  metadata(metadata: ResponseMetadata): void;
  /** There is no response. */
  failure(failure: Failure): void;
}

/** Reads an exchange's answer from pieces of any size. */
export class ExchangeResponseDecoder {
  readonly #handler: ExchangeResponseHandler;
  readonly #message: ResponseDecoder;
  #prefix: PrefixBuffer | undefined = new PrefixBuffer();
  #failed = false;

  /** @param handler - what is read goes there. @param limits - of the response's heads and trailers. */
  constructor(handler: ExchangeResponseHandler, limits?: MessageLimits) {
    this.#handler = handler;
    this.#message = new ResponseDecoder(handler, limits);
  }

  /**
   * Takes the next bytes.
   *
   * @throws {@link WireError} when they are no answer; the decoder is of no use afterwards.
   */
  push(bytes: Uint8Array): void {
    if (this.#prefix === undefined) {
      if (!this.#failed) this.#message.push(bytes);
      else if (bytes.length > 0) throw new WireError(PROTOCOL_VIOLATION, 'nothing may follow a failure');
      return;
    }
    this.#prefix.push(bytes);
    const reader = new ByteReader(this.#prefix.bytes);
    if (reader.remaining === 0) return;
    const [kind] = reader.take(1);
    if (kind === RESULT_RESPONSE) this.#readResponse(reader);
    else if (kind === RESULT_FAILURE) this.#readFailure(reader);
    else throw new WireError(PROTOCOL_VIOLATION, `answer must be a response or a failure, got kind ${kind}`);
  }

  /**
   * The stream has ended.
   *
   * @throws {@link WireError} when the answer is not complete.
   */
  finish(): void {
    if (this.#prefix !== undefined) throw new WireError(PROTOCOL_VIOLATION, 'exchange must be answered');
    if (!this.#failed) this.#message.finish();
  }

  #readResponse(reader: ByteReader): void {
    const length = reader.varintIfComplete();
    limit('response metadata', length, WIRE_LIMITS.maxOptionsBytes);
    if (length < 0 || reader.remaining < length) return;
    const metadata = readFields(reader.take(length), RESPONSE_METADATA, () => {});
    this.#prefix = undefined;
    this.#handler.metadata(metadata);
    if (reader.remaining > 0) this.#message.push(reader.take(reader.remaining));
  }

  #readFailure(reader: ByteReader): void {
    const code = reader.varintIfComplete();
    const length = code < 0 ? -1 : reader.varintIfComplete();
    limit('detail of a failure', length, WIRE_LIMITS.maxFailureDetailBytes);
    if (length < 0 || reader.remaining < length) return;
    const detail = decodeUtf8(reader.take(length), 'detail of a failure');
    if (reader.remaining > 0) throw new WireError(PROTOCOL_VIOLATION, 'nothing may follow a failure');
    this.#prefix = undefined;
    this.#failed = true;
    this.#handler.failure({ name: failureName(code), detail });
  }
}

function limit(what: string, length: number, bytes: number): void {
  if (length > bytes) {
    throw new WireError(PROTOCOL_VIOLATION, `${what} must have at most ${bytes} bytes, got ${length}`);
  }
}

import type { ByteWriter } from '../byte-writer.ts';
import { FAILURES, type Failure } from '../failure.ts';
import { failureText } from '../failure-meaning.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { writeResponseFraming } from '../message/message-encoder.ts';
import { writeFields } from './field-table.ts';
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

import { violation } from '../errors.ts';
import { type Failure, failureName } from '../failure.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { readFieldSection } from '../message/field-section.ts';
import { checkPadding, INDETERMINATE_LENGTH, RESPONSE } from '../message/framing.ts';
import type { ResponseHandler } from '../message/message-decoder.ts';
import { PendingBytes } from '../message/pending-bytes.ts';
import { isInformational, readResponseHead } from '../message/response-head.ts';
import { varintAt, varintBytes } from '../message/varint-at.ts';
import { decodeUtf8 } from '../utf8.ts';
import { readFields } from './field-table.ts';
import { RESPONSE_METADATA, type ResponseMetadata } from './response-metadata.ts';
import { RESULT_FAILURE, RESULT_RESPONSE } from './stream-kind.ts';

/** Takes an exchange's answer as it arrives. */
export interface ExchangeResponseHandler extends ResponseHandler {
  /** What comes before the response. */
  metadata(metadata: ResponseMetadata): void;
  /** There is no response. */
  failure(failure: Failure): void;
}

// What comes next. Up to DETAIL there is no answer yet; all but RESULT_KIND, CONTENT and the last two are parts that are
// read when they are complete.
const RESULT_KIND = 0;
const METADATA = 1;
const FAILURE_CODE = 2;
const DETAIL = 3;
const FRAMING_INDICATOR = 4;
const HEAD = 5;
const CONTENT_LENGTH = 6;
const TRAILERS = 7;
const CONTENT = 8;
const PADDING = 9;
const NOTHING = 10;

// What the integer at the scanner's position is.
const VALUE_OF_PART = 0; // the whole part
const LENGTH_OF_PART = 1; // length of the rest of the part
const END_OF_PART = 2; // no integer: the position is where that rest ends
const STATUS = 3; // status code: field lines follow
const NAME = 4; // length of a field name, or the terminator
const VALUE = 5; // length of a field value

/**
 * Most bytes of a push that join an incomplete part at a time. The part's end is not known, and what lies behind it,
 * content most likely, should not be copied for nothing.
 */
const JOIN_BYTES = 1024;

/** RFC 9292 §3.5.1 allows any number of informational responses, each as large as a head. Origins send one or two. */
const MAX_INFORMATIONAL_RESPONSES = 16;

/**
 * Reads an exchange's answer from pieces of any size.
 *
 * ```
 *   RESULT_KIND ─┬▶ METADATA ──▶ FRAMING_INDICATOR ──▶ HEAD ──▶ CONTENT_LENGTH ──0──▶ TRAILERS ──▶ PADDING
 *                │                                     │  ▲        │      ▲
 *                │                        informational└──┘        └CONTENT┘
 *                └▶ FAILURE_CODE ──▶ DETAIL ──▶ NOTHING
 * ```
 *
 * It knows the one framing that answers have, unlike the decoders of `message/`, so that a page need not load the rest of
 * RFC 9292. It holds no content and at most one incomplete part.
 */
export class ExchangeResponseDecoder {
  readonly #handler: ExchangeResponseHandler;
  readonly #pending = new PendingBytes();

  #state = RESULT_KIND;
  #failureCode = 0;
  /** Told at the end of the push that completes it: nothing may follow. */
  #failure: Failure | undefined;
  #informationalCount = 0;
  #contentLeft = 0;
  #sawContent = false;

  /** The scanner resumes where it stopped, so that a byte costs the same when bytes come one by one. */
  #expected = VALUE_OF_PART;
  #scannedBytes = 0;
  #maxBytes = 0;
  #fieldsFrom = 0;
  #fieldsTo = 0;

  /** @param handler - what is read goes there. */
  constructor(handler: ExchangeResponseHandler) {
    this.#handler = handler;
  }

  /**
   * Takes the next bytes. They belong to the decoder during the call only, but content is a view of them.
   *
   * @throws {@link WireError} when they are no answer; the decoder is of no use afterwards.
   */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at = this.#step(bytes, at);
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    this.#handler.failure(failure);
  }

  /**
   * The stream has ended. A response may be cut before sections that are empty (RFC 9292 §3.8); it is completed then.
   *
   * @throws {@link WireError} when the answer is not complete.
   */
  finish(): void {
    if (this.#state <= DETAIL) throw violation('exchange must be answered');
    const held = this.#pending.length;
    if (this.#state === HEAD && held > 0 && this.#fieldsFrom === held) {
      this.#takeHead(this.#pending.bytes, 0, held);
      this.#pending.clear();
    }
    if (this.#state >= PADDING) return;
    const isCut =
      this.#pending.length > 0 ||
      (this.#state !== TRAILERS && (this.#state !== CONTENT_LENGTH || this.#sawContent));
    if (isCut) throw violation('response must be complete');
    this.#state = PADDING;
    this.#handler.end([]);
  }

  #expect(state: number, expected: number, maxBytes: number = WIRE_LIMITS.maxHeadBytes): void {
    this.#state = state;
    this.#expected = expected;
    this.#maxBytes = maxBytes;
    this.#scannedBytes = 0;
    this.#fieldsFrom = 0;
  }

  #step(bytes: Uint8Array, at: number): number {
    switch (this.#state) {
      case RESULT_KIND:
        this.#takeKind(bytes[at] as number);
        return at + 1;
      case CONTENT:
        return this.#takeContent(bytes, at);
      case PADDING:
        return checkPadding(bytes, at);
      case NOTHING:
        throw violation('nothing may follow a failure');
      default:
        return this.#receivePart(bytes, at);
    }
  }

  /** Returns the position behind the part, or behind all bytes when the part is not complete. */
  #receivePart(bytes: Uint8Array, at: number): number {
    const pending = this.#pending;
    const held = pending.length;
    if (held === 0) {
      const end = this.#scan(bytes, at, bytes.length);
      if (end >= 0) {
        this.#takePart(bytes, at, end);
        return end;
      }
      pending.append(bytes, at, bytes.length);
      return bytes.length;
    }
    const joined = Math.min(at + JOIN_BYTES, bytes.length);
    pending.append(bytes, at, joined);
    const part = pending.bytes;
    const end = this.#scan(part, 0, pending.length);
    if (end < 0) return joined;
    pending.clear();
    this.#takePart(part, 0, end);
    return at + end - held;
  }

  /** Where the part that begins at `from` ends, or -1 when it needs more than the bytes before `to`. */
  #scan(bytes: Uint8Array, from: number, to: number): number {
    let at = from + this.#scannedBytes;
    let expected = this.#expected;
    while (at < to && expected !== END_OF_PART) {
      const next = at + varintBytes(bytes[at] as number);
      if (next > to) break;
      const length = varintAt(bytes, at);
      let countedFrom = from;
      if (expected === VALUE_OF_PART) return next;
      if (expected === STATUS) {
        at = next;
        expected = NAME;
        this.#fieldsFrom = at - from;
      } else {
        if (expected === NAME && length === 0) {
          this.#fieldsTo = at - from;
          return next;
        }
        at = next + length;
        if (expected === LENGTH_OF_PART) {
          expected = END_OF_PART;
          countedFrom = next;
        } else expected = expected === NAME ? VALUE : NAME;
      }
      // As soon as it is bound to be too long, before those bytes arrive.
      if (at - countedFrom > this.#maxBytes) {
        throw violation(
          `part of an answer must have at most ${this.#maxBytes} bytes, got ${at - countedFrom}`,
        );
      }
    }
    if (expected === END_OF_PART && at <= to) return at;
    this.#expected = expected;
    this.#scannedBytes = at - from;
    return -1;
  }

  #takePart(bytes: Uint8Array, from: number, to: number): void {
    switch (this.#state) {
      case METADATA:
        this.#expect(FRAMING_INDICATOR, VALUE_OF_PART);
        this.#handler.metadata(readFields(behindLength(bytes, from, to), RESPONSE_METADATA, () => {}));
        break;
      case FAILURE_CODE:
        this.#failureCode = varintAt(bytes, from);
        this.#expect(DETAIL, LENGTH_OF_PART, WIRE_LIMITS.maxFailureDetailBytes);
        break;
      case DETAIL:
        this.#state = NOTHING;
        this.#failure = {
          name: failureName(this.#failureCode),
          detail: decodeUtf8(behindLength(bytes, from, to), 'detail of a failure'),
        };
        break;
      case FRAMING_INDICATOR:
        this.#takeFramingIndicator(varintAt(bytes, from));
        break;
      case HEAD:
        this.#takeHead(bytes, from, this.#fieldsTo);
        break;
      case CONTENT_LENGTH:
        this.#contentLeft = varintAt(bytes, from);
        if (this.#contentLeft > 0) this.#state = CONTENT;
        else this.#expect(TRAILERS, NAME);
        break;
      default: // TRAILERS
        this.#state = PADDING;
        this.#handler.end(readFieldSection(bytes, from, from + this.#fieldsTo, 'trailer'));
    }
  }

  #takeKind(kind: number): void {
    if (kind === RESULT_RESPONSE) this.#expect(METADATA, LENGTH_OF_PART, WIRE_LIMITS.maxMetadataBytes);
    else if (kind === RESULT_FAILURE) this.#expect(FAILURE_CODE, VALUE_OF_PART);
    else throw violation(`answer must be a response or a failure, got kind ${kind}`);
  }

  #takeFramingIndicator(indicator: number): void {
    if (indicator !== (INDETERMINATE_LENGTH | RESPONSE)) {
      throw violation(`framing indicator must be that of a response without length, got ${indicator}`);
    }
    this.#expect(HEAD, STATUS);
  }

  #takeHead(bytes: Uint8Array, from: number, fieldsTo: number): void {
    const head = readResponseHead(bytes, from, from + this.#fieldsFrom, from + fieldsTo);
    if (!isInformational(head.status)) {
      this.#expect(CONTENT_LENGTH, VALUE_OF_PART);
      this.#handler.responseHead(head);
      return;
    }
    if (++this.#informationalCount > MAX_INFORMATIONAL_RESPONSES) {
      throw violation(`response must have at most ${MAX_INFORMATIONAL_RESPONSES} informational responses`);
    }
    this.#expect(HEAD, STATUS);
    this.#handler.informational(head);
  }

  #takeContent(bytes: Uint8Array, at: number): number {
    const end = Math.min(at + this.#contentLeft, bytes.length);
    this.#contentLeft -= end - at;
    this.#sawContent = true;
    if (this.#contentLeft === 0) this.#expect(CONTENT_LENGTH, VALUE_OF_PART);
    this.#handler.content(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }
}

/** What follows the length at `from`. */
function behindLength(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return bytes.subarray(from + varintBytes(bytes[from] as number), to);
}

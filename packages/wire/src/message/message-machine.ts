import type { ContentHandler } from './content-handler.ts';
import type { FieldLines } from './field-lines.ts';
import { readFieldSection } from './field-section.ts';
import {
  checkFramingIndicator,
  checkLineLengths,
  checkPadding,
  INDETERMINATE_LENGTH,
  type MessageRole,
} from './framing.ts';
import { MessageError } from './message-error.ts';
import type { MessageLimits } from './message-limits.ts';
import { PendingBytes } from './pending-bytes.ts';
import { SectionScanner } from './section-scanner.ts';
import { varintAt, varintBytes } from './varint-at.ts';

const FRAMING_INDICATOR = 0;
const HEAD = 1;
const CONTENT_LENGTH = 2;
const CONTENT = 3;
const TRAILERS = 4;
const PADDING = 5;
const FINISHED = 6;
const FAILED = 7;

/** What each state receives, for error messages. */
const PARTS = ['its framing indicator', 'a head', 'its content', 'its content', 'its trailer section'];

/**
 * Most bytes of a push that join an incomplete part at a time. The part's end is not known, and what lies behind it,
 * content most likely, should not be copied for nothing.
 */
const JOIN_BYTES = 1024;

/**
 * The state machine behind both decoders.
 *
 * ```
 *   FRAMING_INDICATOR ──▶ HEAD ──────▶ CONTENT_LENGTH ──0──▶ TRAILERS ──▶ PADDING ──▶ FINISHED
 *                         │  ▲           │        ▲             ▲
 *                         └──┘           ▼        │             │
 *                    informational     CONTENT ───┘ indeterminate
 *                                        └──────────────────────┘ known length
 * ```
 *
 * Every state may go to FAILED, and stays there. A state that holds one indivisible part (all but CONTENT and PADDING)
 * waits in {@link PendingBytes} until the part is complete; usually it is when it arrives, and is read in place.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9292#section-3 | RFC 9292 §3}
 */
export abstract class MessageMachine {
  /** What is accepted at most. */
  protected readonly limits: MessageLimits;

  /** Finds the end of a head or a trailer section. */
  protected readonly scanner: SectionScanner = new SectionScanner();

  /** Which of the two framings the message has; known once its first integer is. */
  protected isKnownLength = false;

  readonly #handler: ContentHandler;
  readonly #role: MessageRole;
  readonly #pending: PendingBytes = new PendingBytes();
  #state = FRAMING_INDICATOR;
  #contentLeft = 0;
  #sawContent = false;
  #failure: unknown;

  /** @param role - which messages are accepted. @param handler - what is called. @param limits - what is accepted. */
  constructor(role: MessageRole, handler: ContentHandler, limits: MessageLimits) {
    this.#role = role;
    this.#handler = handler;
    this.limits = limits;
  }

  /** Makes the scanner expect the next head. */
  protected abstract beginHead(): void;

  /** Reads and hands on a complete head. Returns whether it was the last one. */
  protected abstract receiveHead(
    bytes: Uint8Array,
    from: number,
    fieldsFrom: number,
    fieldsTo: number,
  ): boolean;

  /**
   * Decodes the next bytes of the message and calls the handler for all that is complete. The bytes belong to the
   * decoder during the call only, but content is a view of them.
   *
   * @throws {@link MessageError} when the message is invalid. Every later call throws the same.
   */
  push(bytes: Uint8Array): void {
    if (this.#state === FAILED) throw this.#failure;
    try {
      let at = 0;
      while (at < bytes.length) at = this.#step(bytes, at);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /**
   * The stream has ended. A message may be cut before sections that are empty (RFC 9292 §3.8); it is completed then.
   *
   * @throws {@link MessageError} when it ends anywhere else.
   */
  finish(): void {
    if (this.#state === FAILED) throw this.#failure;
    try {
      this.#finish();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  // Receiving, in message order…

  #step(bytes: Uint8Array, at: number): number {
    switch (this.#state) {
      case CONTENT:
        return this.#receiveContent(bytes, at);
      case PADDING:
        return checkPadding(bytes, at);
      case FINISHED:
        throw new MessageError('invalid', 'message must not go on after its stream has ended');
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
        this.#takePart(bytes, at);
        return end;
      }
      pending.append(bytes, at, bytes.length);
      return bytes.length;
    }
    const joined = Math.min(at + JOIN_BYTES, bytes.length);
    pending.append(bytes, at, joined);
    const end = this.#scan(pending.bytes, 0, pending.length);
    if (end < 0) return joined;
    const part = pending.bytes;
    pending.clear();
    this.#takePart(part, 0);
    return at + end - held;
  }

  #scan(bytes: Uint8Array, from: number, to: number): number {
    if (this.#state === HEAD || this.#state === TRAILERS) return this.scanner.scan(bytes, from, to);
    const end = from + varintBytes(bytes[from] as number);
    return end <= to ? end : -1;
  }

  #takePart(bytes: Uint8Array, from: number): void {
    const { fieldsFrom, fieldsTo } = this.scanner;
    if (this.isKnownLength && (this.#state === HEAD || this.#state === TRAILERS)) {
      checkLineLengths(bytes, from + fieldsFrom, from + fieldsTo);
    }
    switch (this.#state) {
      case FRAMING_INDICATOR:
        this.#takeFramingIndicator(varintAt(bytes, from));
        break;
      case HEAD:
        this.#takeHead(bytes, from, from + fieldsFrom, from + fieldsTo);
        break;
      case CONTENT_LENGTH:
        this.#takeContentLength(varintAt(bytes, from));
        break;
      default: // TRAILERS
        this.#end(readFieldSection(bytes, from + fieldsFrom, from + fieldsTo, 'trailer'));
    }
  }

  #takeFramingIndicator(indicator: number): void {
    checkFramingIndicator(indicator, this.#role);
    this.isKnownLength = (indicator & INDETERMINATE_LENGTH) === 0;
    this.#state = HEAD;
    this.beginHead();
  }

  #takeHead(bytes: Uint8Array, from: number, fieldsFrom: number, fieldsTo: number): void {
    if (this.receiveHead(bytes, from, fieldsFrom, fieldsTo)) this.#state = CONTENT_LENGTH;
    else this.beginHead();
  }

  #takeContentLength(length: number): void {
    if (length === 0) {
      this.#beginTrailers();
    } else {
      this.#contentLeft = length;
      this.#sawContent = true;
      this.#state = CONTENT;
    }
  }

  #receiveContent(bytes: Uint8Array, at: number): number {
    const end = Math.min(at + this.#contentLeft, bytes.length);
    this.#contentLeft -= end - at;
    if (this.#contentLeft === 0) {
      if (this.isKnownLength) this.#beginTrailers();
      else this.#state = CONTENT_LENGTH;
    }
    this.#handler.content(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }

  #beginTrailers(): void {
    this.#state = TRAILERS;
    this.scanner.beginTrailers(this.isKnownLength, this.limits.maxTrailerBytes);
  }

  #end(trailers: FieldLines): void {
    this.#state = PADDING;
    this.#handler.end(trailers);
  }

  // The stream has ended…

  #finish(): void {
    if (this.#state !== PADDING && this.#state !== FINISHED) {
      this.#finishHead();
      if (!this.#mayEnd())
        throw new MessageError('truncated', `message must not end inside ${PARTS[this.#state]}`);
      this.#end([]);
    }
    this.#state = FINISHED;
  }

  /** RFC 9292 §3.1: a message may end "before any of the length prefixes that precede the field sections or content". */
  #finishHead(): void {
    const held = this.#pending.length;
    if (this.#state !== HEAD || !this.scanner.isBeforeFields(held)) return;
    this.#takeHead(this.#pending.bytes, 0, held, held);
    this.#pending.clear();
  }

  #mayEnd(): boolean {
    const held = this.#pending.length;
    // RFC 9292 §3.8: empty content may be left out if the trailers are; what ends content that is there may not.
    if (this.#state === CONTENT_LENGTH) return held === 0 && !this.#sawContent;
    return this.#state === TRAILERS && this.scanner.isBeforeFields(held);
  }

  #fail(error: unknown): unknown {
    this.#state = FAILED;
    this.#failure = error;
    this.#pending.clear();
    return error;
  }
}

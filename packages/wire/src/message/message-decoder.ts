import type { ContentHandler } from './content-handler.ts';
import { REQUEST, RESPONSE } from './framing.ts';
import { MessageError } from './message-error.ts';
import { MESSAGE_LIMITS, type MessageLimits } from './message-limits.ts';
import { MessageMachine } from './message-machine.ts';
import { REQUEST_CONTROL_STRINGS, type RequestHead, readRequestHead } from './request-head.ts';
import { isInformational, type ResponseHead, readResponseHead } from './response-head.ts';

/** What a {@link RequestDecoder} calls, in this order: one head, any number of pieces of content, one end. */
export interface RequestHandler extends ContentHandler {
  /** Control data and header section are complete. */
  requestHead(head: RequestHead): void;
}

/** What a {@link ResponseDecoder} calls, in this order: any number of informational heads, one head, content, one end. */
export interface ResponseHandler extends ContentHandler {
  /** An informational response (status 100 to 199). */
  informational(head: ResponseHead): void;

  /** Control data and header section of the final response are complete. */
  responseHead(head: ResponseHead): void;
}

/**
 * Decodes one request of either framing from bytes in pieces of any size.
 *
 * Holds no content and at most one incomplete head or trailer section. An exception of the handler fails the decoder
 * and passes through.
 */
export class RequestDecoder extends MessageMachine {
  readonly #handler: RequestHandler;

  /** @param handler - what is called. @param limits - what is accepted; {@link MESSAGE_LIMITS} when left out. */
  constructor(handler: RequestHandler, limits: MessageLimits = MESSAGE_LIMITS) {
    super(REQUEST, handler, limits);
    this.#handler = handler;
  }

  protected override beginHead(): void {
    this.scanner.beginRequestHead(REQUEST_CONTROL_STRINGS, this.isKnownLength, this.limits.maxHeadBytes);
  }

  protected override receiveHead(
    bytes: Uint8Array,
    from: number,
    fieldsFrom: number,
    fieldsTo: number,
  ): boolean {
    this.#handler.requestHead(readRequestHead(bytes, from, fieldsFrom, fieldsTo));
    return true;
  }
}

/**
 * Decodes one response of either framing, with its informational responses, from bytes in pieces of any size.
 *
 * Holds no content and at most one incomplete head or trailer section. An exception of the handler fails the decoder
 * and passes through.
 */
export class ResponseDecoder extends MessageMachine {
  readonly #handler: ResponseHandler;
  #informationalCount = 0;

  /** @param handler - what is called. @param limits - what is accepted; {@link MESSAGE_LIMITS} when left out. */
  constructor(handler: ResponseHandler, limits: MessageLimits = MESSAGE_LIMITS) {
    super(RESPONSE, handler, limits);
    this.#handler = handler;
  }

  protected override beginHead(): void {
    this.scanner.beginResponseHead(this.isKnownLength, this.limits.maxHeadBytes);
  }

  protected override receiveHead(
    bytes: Uint8Array,
    from: number,
    fieldsFrom: number,
    fieldsTo: number,
  ): boolean {
    const head = readResponseHead(bytes, from, fieldsFrom, fieldsTo);
    if (!isInformational(head.status)) {
      this.#handler.responseHead(head);
      return true;
    }
    const most = this.limits.maxInformationalResponses;
    if (this.#informationalCount >= most) {
      throw new MessageError('limit', `response must have at most ${most} informational responses, got more`);
    }
    this.#informationalCount += 1;
    this.#handler.informational(head);
    return false;
  }
}

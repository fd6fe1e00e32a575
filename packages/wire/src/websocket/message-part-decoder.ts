import { ByteReader } from '../byte-reader.ts';
import { violation } from '../errors.ts';
import { type Failure, failureName } from '../failure.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { PendingBytes } from '../message/pending-bytes.ts';
import { varintAt, varintBytes } from '../message/varint-at.ts';
import type { Perspective } from '../perspective.ts';
import { decodeUtf8 } from '../utf8.ts';
import { type CloseStatus, MAX_CLOSE_BYTES, readClosePayload } from './close-status.ts';
import { BINARY, CLOSE, CONTINUATION, FAILURE, FIN, type MessageOpcode, TEXT } from './message-part.ts';

/** Takes messages as they arrive. Of each: its first part, further parts, each followed by its payload, then its end. */
export interface MessagePartHandler {
  /** A part of a message begins; `opcode` is the message's, also in further parts. */
  part(opcode: MessageOpcode, isFirst: boolean, isLast: boolean, length: number): void;

  /** Bytes of the part, never none: a view of those pushed. */
  payload(bytes: Uint8Array): void;

  /** The message is complete. */
  messageEnd(): void;

  /** The peer has closed: nothing follows. */
  close(status: CloseStatus): void;

  /** The WebSocket has failed: nothing follows. Never comes from a client. */
  failure(failure: Failure): void;
}

// What comes next.
const HEAD = 0;
const PAYLOAD = 1;
const CONTROL = 2;
const NOTHING = 3;

/** Longest payload of a failure, in bytes: its code, and the detail. */
const MAX_FAILURE_BYTES = WIRE_LIMITS.maxFailureDetailBytes + 8;

/**
 * Reads what one side of an open WebSocket sends, from pieces of any size.
 *
 * ```
 *   HEAD ──text, binary, continuation──▶ PAYLOAD ──▶ HEAD
 *     └──close, failure──▶ CONTROL ──▶ NOTHING
 * ```
 *
 * It holds no payload of messages, however long, and of the others at most {@link WIRE_LIMITS.maxFailureDetailBytes} and
 * a few.
 */
export class MessagePartDecoder {
  readonly #peer: Perspective;
  readonly #handler: MessagePartHandler;
  readonly #pending = new PendingBytes();
  #state = HEAD;
  /** Of the message that is not complete. */
  #message: MessageOpcode | undefined;
  #isLast = false;
  #opcode = 0;
  #left = 0;

  /** @param peer - whose parts are read. @param handler - what is read goes there. */
  constructor(peer: Perspective, handler: MessagePartHandler) {
    this.#peer = peer;
    this.#handler = handler;
  }

  /** Whether the peer has said its last word. */
  get isOver(): boolean {
    return this.#state === NOTHING;
  }

  /**
   * Takes the next bytes. They belong to the decoder during the call only, but payload is a view of them.
   *
   * @throws {@link WireError} when they break the rules; the decoder is of no use afterwards.
   */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at = this.#step(bytes, at);
  }

  #step(bytes: Uint8Array, at: number): number {
    switch (this.#state) {
      case HEAD:
        return this.#receiveHead(bytes, at);
      case PAYLOAD:
        return this.#receivePayload(bytes, at);
      case CONTROL:
        return this.#receiveControl(bytes, at);
      default:
        throw violation('nothing may follow the end of a WebSocket');
    }
  }

  #receiveHead(bytes: Uint8Array, at: number): number {
    const pending = this.#pending;
    if (pending.length === 0 && at + 1 < bytes.length) {
      const end = at + 1 + varintBytes(bytes[at + 1] as number);
      if (end <= bytes.length) {
        this.#takeHead(bytes[at] as number, varintAt(bytes, at + 1));
        return end;
      }
    }
    pending.append(bytes, at, at + 1);
    const head = pending.bytes;
    if (pending.length > 1 && pending.length > varintBytes(head[1] as number)) {
      pending.clear();
      this.#takeHead(head[0] as number, varintAt(head, 1));
    }
    return at + 1;
  }

  #takeHead(kind: number, length: number): void {
    const opcode = kind & ~FIN;
    this.#isLast = (kind & FIN) !== 0;
    this.#left = length;
    if (opcode === CLOSE || (opcode === FAILURE && this.#peer === 'gateway')) {
      const most = opcode === CLOSE ? MAX_CLOSE_BYTES : MAX_FAILURE_BYTES;
      if (!this.#isLast || length > most) {
        throw violation(
          `the last part of a WebSocket must be whole and have at most ${most} bytes, got ${length}`,
        );
      }
      this.#opcode = opcode;
      this.#state = CONTROL;
      if (length === 0) this.#takeControl(new Uint8Array(0));
      return;
    }
    const isFirst = opcode === TEXT || opcode === BINARY;
    if (isFirst ? this.#message !== undefined : opcode !== CONTINUATION || this.#message === undefined) {
      throw violation(
        `part of a WebSocket must ${this.#message === undefined ? 'begin a message' : 'go on with the message'}, got opcode ${opcode}`,
      );
    }
    this.#message ??= opcode as MessageOpcode;
    this.#state = PAYLOAD;
    this.#handler.part(this.#message, isFirst, this.#isLast, length);
    if (length === 0) this.#endPart();
  }

  #receivePayload(bytes: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, bytes.length);
    this.#left -= end - at;
    this.#handler.payload(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#left === 0) this.#endPart();
    return end;
  }

  #endPart(): void {
    this.#state = HEAD;
    if (!this.#isLast) return;
    this.#message = undefined;
    this.#handler.messageEnd();
  }

  #receiveControl(bytes: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, bytes.length);
    this.#left -= end - at;
    this.#pending.append(bytes, at, end);
    if (this.#left === 0) this.#takeControl(this.#pending.bytes.subarray(0, this.#pending.length));
    return end;
  }

  #takeControl(payload: Uint8Array): void {
    this.#state = NOTHING;
    this.#pending.clear();
    if (this.#opcode === CLOSE) {
      this.#handler.close(readClosePayload(payload));
      return;
    }
    const reader = new ByteReader(payload);
    const name = failureName(reader.varint());
    this.#handler.failure({
      name,
      detail: decodeUtf8(reader.take(reader.remaining), 'detail of a failure'),
    });
  }
}

import {
  BINARY,
  type CloseStatus,
  MAX_CLOSE_BYTES,
  type MessageOpcode,
  readClosePayload,
  TEXT,
  WireError,
} from '@hip/wire';

/** What a server sends over a WebSocket. */
export interface FrameHandler {
  /**
   * A piece of a message: a view of the bytes pushed, empty only where the message ends without more. Returns nothing that
   * stops the reader: whoever wants a pause stops what feeds it.
   *
   * @param opcode - the message's, with each of its pieces.
   */
  data(opcode: MessageOpcode, isFirst: boolean, isLast: boolean, bytes: Uint8Array): void;

  /** A ping, to be answered with the same payload. */
  ping(payload: Uint8Array): void;

  /** The server has closed: nothing follows. */
  close(status: CloseStatus): void;
}

/** Frames that break RFC 6455, or a message that is too long: the connection is failed with this code. */
export class FrameError extends Error {
  override readonly name = 'FrameError';

  /** Code of the Close that the server is told (RFC 6455 §7.4.1). */
  readonly closeCode: number;

  constructor(closeCode: number, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}

const PROTOCOL_ERROR = 1002;
const MESSAGE_TOO_BIG = 1009;

const FIN = 0b1000_0000;
const RESERVED = 0b0111_0000;
const MASKED = 0b1000_0000;
const OPCODE = 0b1111;
const LENGTH = 0b0111_1111;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

const CONTINUATION = 0;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Longest head of a server's frame: two bytes, and eight of length (RFC 6455 §5.2). */
const MAX_HEAD_BYTES = 10;

/**
 * Reads the frames of a server from pieces of any size (RFC 6455 §5). It holds the head of one frame and the payload of
 * one control frame, never content: a message of any length passes through it. What `ws` offers holds each message whole.
 *
 * ```
 *   HEAD ──text, binary, continuation──▶ PAYLOAD ──▶ HEAD
 *     └──close, ping, pong──▶ CONTROL ──▶ HEAD, after a close nothing
 * ```
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #maxMessageBytes: number;
  #state: 'head' | 'payload' | 'control' | 'nothing' = 'head';
  readonly #held = Buffer.allocUnsafe(MAX_CLOSE_BYTES);
  #heldBytes = 0;
  /** What is missing of the head, or of the payload. */
  #left = 2;

  /** Of the message that is not complete. */
  #message: MessageOpcode | undefined;
  #messageBytes = 0;
  #isFirst = false;

  #opcode = 0;
  #isFinal = false;

  /** @param maxMessageBytes - longest message that is let through. */
  constructor(handler: FrameHandler, maxMessageBytes: number = Number.POSITIVE_INFINITY) {
    this.#handler = handler;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {@link FrameError}; the reader is of no use afterwards.
   */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#state === 'payload') at = this.#takePayload(bytes, at);
      // RFC 6455 §5.5.1: what comes behind a Close is none of ours.
      else if (this.#state === 'nothing') return;
      else at = this.#hold(bytes, at);
    }
  }

  #takePayload(bytes: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, bytes.length);
    this.#left -= end - at;
    this.#pass(bytes.subarray(at, end));
    return end;
  }

  /** Passes on a piece of the message, and ends the frame with its last. */
  #pass(piece: Uint8Array): void {
    const opcode = this.#message as MessageOpcode;
    const isFirst = this.#isFirst;
    const isLast = this.#left === 0 && this.#isFinal;
    if (this.#left === 0) this.#expectHead();
    if (isLast) {
      this.#message = undefined;
      this.#messageBytes = 0;
    }
    if (piece.length === 0 && !isLast) return;
    this.#isFirst = false;
    this.#handler.data(opcode, isFirst, isLast, piece);
  }

  #hold(bytes: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, bytes.length);
    this.#held.set(bytes.subarray(at, end), this.#heldBytes);
    this.#heldBytes += end - at;
    this.#left -= end - at;
    if (this.#left > 0) return end;
    if (this.#state === 'head') this.#takeHead();
    else this.#takeControl(this.#held.subarray(0, this.#heldBytes));
    return end;
  }

  #expectHead(): void {
    this.#state = 'head';
    this.#heldBytes = 0;
    this.#left = 2;
  }

  #takeHead(): void {
    const held = this.#held;
    const second = held[1] as number;
    const form = second & LENGTH;
    const headBytes = form === LENGTH_64 ? MAX_HEAD_BYTES : form === LENGTH_16 ? 4 : 2;
    if (this.#heldBytes < headBytes) {
      this.#left = headBytes - this.#heldBytes;
      return;
    }
    const first = held[0] as number;
    if ((first & RESERVED) !== 0) throw broken('no extension was agreed on, yet a reserved bit is set');
    if ((second & MASKED) !== 0) throw broken('a frame of a server must not be masked');
    let length = form;
    if (form === LENGTH_16) length = held.readUInt16BE(2);
    // Above 2^53 it is rounded, and too big all the same.
    else if (form === LENGTH_64) length = held.readUInt32BE(2) * 2 ** 32 + held.readUInt32BE(6);
    const shortest = length < LENGTH_16 ? 2 : length < 65_536 ? 4 : MAX_HEAD_BYTES;
    if (shortest !== headBytes) throw broken('a length must be in its shortest form');
    this.#opcode = first & OPCODE;
    this.#isFinal = (first & FIN) !== 0;
    this.#heldBytes = 0;
    this.#left = length;
    if (this.#opcode >= CLOSE) this.#beginControl(length);
    else this.#beginData(length);
  }

  #beginData(length: number): void {
    const opcode = this.#opcode;
    if (opcode === TEXT || opcode === BINARY) {
      if (this.#message !== undefined) throw broken('a message began inside another');
      this.#message = opcode;
      this.#isFirst = true;
    } else if (opcode !== CONTINUATION) {
      throw broken(`opcode ${opcode} is reserved`);
    } else if (this.#message === undefined) {
      throw broken('a continuation continues nothing');
    }
    this.#messageBytes += length;
    if (this.#messageBytes > this.#maxMessageBytes) {
      throw new FrameError(
        MESSAGE_TOO_BIG,
        `a message must have at most ${this.#maxMessageBytes} bytes (maxMessageBytes), got ${this.#messageBytes} or more`,
      );
    }
    this.#state = 'payload';
    if (length === 0) this.#pass(new Uint8Array(0));
  }

  #beginControl(length: number): void {
    const opcode = this.#opcode;
    if (opcode > PONG) throw broken(`opcode ${opcode} is reserved`);
    // RFC 6455 §5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
    if (!this.#isFinal || length > MAX_CLOSE_BYTES) throw broken('a control frame is too long, or in pieces');
    this.#state = 'control';
    if (length === 0) this.#takeControl(new Uint8Array(0));
  }

  #takeControl(payload: Uint8Array): void {
    const opcode = this.#opcode;
    this.#expectHead();
    if (opcode === PING) this.#handler.ping(payload);
    if (opcode !== CLOSE) return;
    this.#state = 'nothing';
    this.#handler.close(closeStatus(payload));
  }
}

function closeStatus(payload: Uint8Array): CloseStatus {
  try {
    return readClosePayload(payload);
  } catch (error) {
    if (error instanceof WireError) throw broken(error.message);
    throw error;
  }
}

function broken(message: string): FrameError {
  return new FrameError(PROTOCOL_ERROR, message);
}

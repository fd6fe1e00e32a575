import type { Socket } from 'node:net';
import { type CloseStatus, closePayload, type MessageOpcode } from '@hip/wire';
import { readBuffer } from '../connect/young-garbage.ts';
import { INTERNALS } from '../defaults.ts';
import { FrameError, type FrameHandler, FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';

const CONTINUATION = 0;
const CLOSE = 8;
const PONG = 10;

/** What is told of an open WebSocket. */
export interface OriginWebSocketHandler {
  /** A piece of a message; see {@link FrameHandler.data}. `false` asks for a pause until {@link OriginWebSocket.resume}. */
  data(opcode: MessageOpcode, isFirst: boolean, isLast: boolean, bytes: Uint8Array): boolean;

  /** The origin takes more, after {@link OriginWebSocket.payload} gave `false`. */
  writable(): void;

  /** The origin has closed. Nothing more comes. */
  close(status: CloseStatus): void;

  /** The WebSocket has ended in another way; `why` is for the client. Nothing more comes. */
  failed(why: string): void;

  /** Nothing is left of it. */
  ended(): void;
}

/**
 * An open WebSocket with an origin, on a socket of its own. Closing it takes both sides, and no longer than
 * {@link INTERNALS.webSocketCloseTimeoutMs}.
 *
 *     open ──close()──▶ closing ──Close of the origin, silence──▶ closed
 *       └──Close of the origin, end of the socket, broken frame────▲
 */
export class OriginWebSocket {
  readonly #socket: Socket;
  readonly #handler: OriginWebSocketHandler;
  readonly #reader: FrameReader;
  readonly #writer = new FrameWriter();
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Payload that is missing of the frame being written: nothing can come in between. */
  #frameLeft = 0;
  /** What closes, once the frame being written is complete. */
  #closeWith: CloseStatus | undefined;
  /** Payload of the latest ping that could not be answered yet: RFC 6455 §5.5.3 lets us leave out earlier ones. */
  #pinged: Uint8Array | undefined;
  #closeTimer: NodeJS.Timeout | undefined;
  #error: NodeJS.ErrnoException | undefined;

  /** @param maxMessageBytes - longest message of the origin. */
  constructor(socket: Socket, handler: OriginWebSocketHandler, maxMessageBytes: number) {
    this.#socket = socket;
    this.#handler = handler;
    this.#reader = new FrameReader(this.#frames, maxMessageBytes);
  }

  /** Begins to read; `first` are bytes that came behind the handshake. */
  start(first: Buffer): void {
    const socket = this.#socket;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error;
    });
    socket.on('close', () => this.#gone());
    socket.on('end', () => this.#lost('it ended the connection without closing the WebSocket'));
    socket.on('drain', () => this.#drained());
    if (first.length > 0) this.#receive(first);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
  }

  // Toward the origin.

  /** Gathers what is written until {@link OriginWebSocket.uncork}. */
  cork(): void {
    this.#socket.cork();
  }

  /** Sends what was gathered. */
  uncork(): void {
    this.#socket.uncork();
  }

  /** Begins a frame: {@link OriginWebSocket.payload} brings its content. */
  begin(opcode: MessageOpcode, isFirst: boolean, isLast: boolean, length: number): void {
    if (this.#state !== 'open') return;
    this.#frameLeft = length;
    this.#socket.write(this.#writer.head(isFirst ? opcode : CONTINUATION, isLast, length));
  }

  /** Content of the frame. `false`: it is taken, but no more should come before {@link OriginWebSocketHandler.writable}. */
  payload(bytes: Uint8Array): boolean {
    if (this.#state !== 'open') return true;
    this.#frameLeft -= bytes.length;
    const goesOn = this.#socket.write(this.#writer.payload(bytes));
    if (this.#frameLeft === 0) this.#betweenFrames();
    return goesOn;
  }

  /** Closes; the origin is given some time to do so, too. Messages that it still sends are for nobody, and are read away. */
  close(status: CloseStatus): void {
    if (this.#state !== 'open') return;
    this.#closeWith = status;
    this.resume();
    this.#closeTimer ??= setTimeout(() => {
      this.#lost(`it did not close within ${INTERNALS.webSocketCloseTimeoutMs} ms`);
      this.#socket.destroy();
    }, INTERNALS.webSocketCloseTimeoutMs);
    if (this.#frameLeft === 0) this.#betweenFrames();
  }

  /** Closes because whoever it was for has gone: nobody hears what the origin still says. */
  leave(status: CloseStatus): void {
    // The rest of a frame that has begun will not come.
    if (this.#frameLeft > 0) this.#socket.destroy();
    this.close(status);
  }

  /** Reads on. */
  resume(): void {
    if (this.#state !== 'closed') this.#socket.resume();
  }

  #betweenFrames(): void {
    if (this.#closeWith !== undefined) {
      this.#state = 'closing';
      this.#socket.write(this.#writer.frame(CLOSE, closePayload(this.#closeWith)));
      return;
    }
    const payload = this.#pinged;
    // An origin that pings and does not read would fill our memory with answers.
    if (payload === undefined || this.#socket.writableNeedDrain) return;
    this.#pinged = undefined;
    this.#socket.write(this.#writer.frame(PONG, payload));
  }

  #drained(): void {
    if (this.#state !== 'open') return;
    if (this.#frameLeft === 0) this.#betweenFrames();
    this.#handler.writable();
  }

  // From the origin.

  readonly #frames: FrameHandler = {
    data: (opcode, isFirst, isLast, bytes) => {
      if (this.#closeWith !== undefined) return;
      if (!this.#handler.data(opcode, isFirst, isLast, bytes)) this.#socket.pause();
    },
    ping: (payload) => {
      if (this.#state !== 'open') return;
      // A copy: the reader writes its next frame there.
      this.#pinged = Uint8Array.from(payload);
      if (this.#frameLeft === 0) this.#betweenFrames();
    },
    close: (status) => {
      this.#end(status);
      this.#handler.close(status);
    },
  };

  #receive(bytes: Uint8Array): void {
    if (this.#state === 'closed') return;
    readBuffer(bytes.length);
    try {
      this.#reader.push(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#end({ code: error.closeCode, reason: '' });
      this.#handler.failed(error.message);
    }
  }

  /** The last word has been said: ours, if it was not before, then the end of the connection, which is the origin's to begin. */
  #end(status: CloseStatus): void {
    const mustAnswer = this.#state === 'open' && this.#frameLeft === 0;
    this.#state = 'closed';
    clearTimeout(this.#closeTimer);
    if (mustAnswer) this.#socket.end(this.#writer.frame(CLOSE, closePayload(status)));
    else this.#socket.end();
    // RFC 6455 §7.1.1: the server closes first. What it still sends is read, so that its end is seen.
    this.#socket.resume();
    this.#closeTimer = setTimeout(() => this.#socket.destroy(), INTERNALS.webSocketCloseTimeoutMs);
  }

  #lost(why: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#socket.end();
    this.#handler.failed(why);
  }

  #gone(): void {
    clearTimeout(this.#closeTimer);
    this.#lost(`the connection ended without a close (${this.#error?.code ?? 'end of data'})`);
    this.#handler.ended();
  }
}

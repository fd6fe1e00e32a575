import {
  BINARY,
  ByteWriter,
  type CloseStatus,
  FAILURES,
  type FailureName,
  type FieldLines,
  type MessageOpcode,
  type RequestHead,
  type Stream,
  type StreamHandler,
  TEXT,
  type WebSocketOptions,
  WebSocketRequestDecoder,
  type WebSocketRequestHandler,
  writeClosePart,
  writeExchangeFailure,
  writeFailurePart,
  writePartHead,
  writeWebSocketResponse,
} from '@hip/wire';
import { Arrivals, Latch } from './arrivals.ts';

/** A message of the client, whole. */
export interface ClientMessage {
  readonly opcode: MessageOpcode;
  readonly content: Buffer;
  /** Of each of its parts, in bytes. */
  readonly parts: readonly number[];
}

/** One WebSocket as the gateway sees it, answered by the test, down to single bytes. */
export class GatewayWebSocket {
  readonly stream: Stream;
  readonly messages = new Arrivals<ClientMessage>();
  /** Whether what comes gives its credit back. */
  consumes = true;

  readonly #asked = new Latch<{ options: WebSocketOptions; head: RequestHead }>();
  readonly #closed = new Latch<CloseStatus>();
  readonly #broken = new Latch<number>();
  readonly #writer = new ByteWriter();
  #content: Uint8Array[] = [];
  #parts: number[] = [];
  #opcode: MessageOpcode = TEXT;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** What the client asked for. */
  get asked(): Promise<{ options: WebSocketOptions; head: RequestHead }> {
    return this.#asked.promise;
  }

  /** What the client closed with. */
  get closed(): Promise<CloseStatus> {
    return this.#closed.promise;
  }

  /** The code with which the client broke off. */
  get broken(): Promise<number> {
    return this.#broken.promise;
  }

  // Answering.

  open(fields: FieldLines = []): void {
    writeWebSocketResponse(this.#writer, {}, fields);
    this.#send();
  }

  refuse(name: FailureName, detail = ''): void {
    writeExchangeFailure(this.#writer, { name, detail });
    this.stream.end(this.#writer.take());
  }

  /** A message, in parts of `partBytes`. */
  message(content: string | Uint8Array, partBytes: number = Number.POSITIVE_INFINITY): void {
    const bytes = Buffer.from(content);
    let opcode: MessageOpcode | 0 = typeof content === 'string' ? TEXT : BINARY;
    for (let at = 0; at === 0 || at < bytes.length; at += partBytes) {
      const part = bytes.subarray(at, at + partBytes);
      writePartHead(this.#writer, opcode, at + part.length === bytes.length, part.length);
      this.#writer.bytes(part);
      this.#send();
      opcode = 0;
    }
  }

  /** Anything. */
  bytes(...bytes: number[]): void {
    this.#writer.bytes(Uint8Array.from(bytes));
    this.#send();
  }

  close(code?: number, reason = ''): void {
    writeClosePart(this.#writer, { code, reason });
    this.stream.end(this.#writer.take());
  }

  fail(name: FailureName, detail = ''): void {
    writeFailurePart(this.#writer, { name, detail });
    this.stream.end(this.#writer.take());
  }

  break(name: FailureName): void {
    this.stream.reset(FAILURES[name].code);
  }

  #send(): void {
    this.stream.write(this.#writer.take());
  }

  // What the client says.

  readonly #request: WebSocketRequestHandler = {
    request: (_contextId, options, head) => this.#asked.open({ options, head }),
    part: (opcode, _isFirst, _isLast, length) => {
      this.#opcode = opcode;
      this.#parts.push(length);
    },
    payload: (bytes) => void this.#content.push(bytes),
    messageEnd: () => {
      this.messages.push({
        opcode: this.#opcode,
        content: Buffer.concat(this.#content),
        parts: this.#parts,
      });
      this.#content = [];
      this.#parts = [];
    },
    close: (status) => this.#closed.open(status),
    failure: () => {},
  };

  readonly #decoder = new WebSocketRequestDecoder(this.#request);

  readonly handler: StreamHandler = {
    data: (bytes) => {
      if (this.consumes) this.stream.consume(bytes.length);
      this.#decoder.push(bytes);
    },
    reset: (code) => this.#broken.open(code),
    stopSending: () => {},
    writable: () => {},
    closed: () => {},
  };
}

import {
  ByteWriter,
  type CloseStatus,
  FAILURES,
  type Failure,
  type FieldLines,
  type MessageOpcode,
  type ResponseMetadata,
  type Stream,
  writeClosePart,
  writeExchangeFailure,
  writeFailurePart,
  writePartHead,
  writeWebSocketResponse,
} from '@hip/wire';

/** Pieces up to this length are copied next to their head; longer ones are passed on as they are, in bytes. */
const COPY_BYTES = 4_096;

const CONTINUATION = 0;

/** Writes what a client gets to the stream of its WebSocket. */
export class MessageRelay {
  readonly #stream: Stream;
  #state: 'asked' | 'open' | 'over' = 'asked';

  /** @param stream - of the WebSocket. */
  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /**
   * The origin has opened the WebSocket.
   *
   * @throws WireError when no message can have such fields; nothing was written.
   */
  opened(metadata: ResponseMetadata, fields: FieldLines): void {
    this.#stream.write(written((writer) => writeWebSocketResponse(writer, metadata, fields)));
    this.#state = 'open';
  }

  /** A piece of a message. `false` asks for a pause until the stream is writable again. */
  data(opcode: MessageOpcode, isFirst: boolean, isLast: boolean, bytes: Uint8Array): boolean {
    const head = (writer: ByteWriter): void =>
      writePartHead(writer, isFirst ? opcode : CONTINUATION, isLast, bytes.length);
    if (bytes.length <= COPY_BYTES) {
      const part = written((writer) => {
        head(writer);
        writer.bytes(bytes);
      });
      return this.#stream.write(part);
    }
    this.#stream.write(written(head));
    return this.#stream.write(bytes);
  }

  /** Closes. */
  close(status: CloseStatus): void {
    this.#end(written((writer) => writeClosePart(writer, status)));
  }

  /** There will be no WebSocket, or no more of it. */
  fail(failure: Failure): void {
    const write = this.#state === 'asked' ? writeExchangeFailure : writeFailurePart;
    this.#end(written((writer) => write(writer, failure)));
  }

  /** Breaks off, where the last word has not been said. */
  end(): void {
    if (this.#state !== 'over') this.#stream.reset(FAILURES.cancelled.code);
    this.#state = 'over';
  }

  #end(last: Uint8Array): void {
    this.#state = 'over';
    this.#stream.end(last);
  }
}

/** Serves every WebSocket of every session, so that small parts share its slabs. */
const sharedWriter = new ByteWriter();

/** What `write` writes. If it throws, nothing of it is left for whoever comes next. */
function written(write: (writer: ByteWriter) => void): Uint8Array {
  sharedWriter.discard();
  write(sharedWriter);
  return sharedWriter.take();
}

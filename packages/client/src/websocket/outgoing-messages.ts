import {
  BINARY,
  ByteWriter,
  type MessageOpcode,
  type Stream,
  TEXT,
  writeClosePart,
  writePartHead,
} from '@hip/wire';

/** Most bytes of one part: what a record carries anyway. A longer message is sent as several. */
const PART_BYTES = 65_536;

/** Parts up to this length are copied next to their head; longer ones are passed on as they are, in bytes. */
const COPY_BYTES = 4_096;

/** Bytes read of a `Blob` at a time. */
const BLOB_SLICE_BYTES = 1_048_576;

const CONTINUATION = 0;

/** What was given to be sent. */
interface Outgoing {
  readonly opcode: MessageOpcode;
  /** Nobody else's: it is not copied again. */
  readonly content: Uint8Array | Blob;
  readonly left?: (() => void) | undefined;
}

/** What is told of what leaves. */
export interface OutgoingHandler {
  /** So many more bytes of content have left. */
  left(bytes: number): void;

  /** A `Blob` cannot be read. */
  unreadable(error: unknown): void;
}

/** Messages on their way out, in order and no faster than the stream takes them. A `Blob` is read in slices. */
export class OutgoingMessages {
  readonly #stream: Stream;
  readonly #handler: OutgoingHandler;
  readonly #writer = new ByteWriter();
  readonly #queue: Outgoing[] = [];
  /** Of the first message: what has been given to the stream. */
  #offset = 0;
  /** Of a `Blob`: the slice that is being sent, and the one behind it. */
  #slice: Uint8Array = new Uint8Array(0);
  #read: Uint8Array | 'reading' | undefined;
  #inStream = 0;
  #close: { readonly code: number | undefined; readonly reason: string } | undefined;
  #isOver = false;

  /** @param stream - of an open WebSocket. */
  constructor(stream: Stream, handler: OutgoingHandler) {
    this.#stream = stream;
    this.#handler = handler;
  }

  /** Sends a message; `left` is called when all of it has. */
  push(content: Uint8Array | Blob, isText: boolean, left?: () => void): void {
    if (this.#isOver || this.#close !== undefined) return;
    this.#queue.push({ opcode: isText ? TEXT : BINARY, content, left });
    this.pump();
  }

  /** Closes, behind all that is on its way. */
  close(code: number | undefined, reason: string): void {
    this.#close ??= { code, reason };
    this.pump();
  }

  /** Closes at once: what has not left never does. */
  abort(code: number): void {
    this.#queue.length = 0;
    this.#close = { code, reason: '' };
    this.#inStream = 0;
    this.#finish();
  }

  /** Nothing can leave any more. */
  stop(): void {
    this.#isOver = true;
    this.#queue.length = 0;
  }

  /** Gives the stream what it takes. Called when it has room again, too. */
  pump(): void {
    while (!this.#isOver && this.#inStream === 0) {
      if (!this.#fill()) return;
      // What is in the stream's queue has not left: the next batch waits until it has.
      if (!this.#stream.isDrained()) return;
      this.#settle();
    }
  }

  /** The stream's queue is empty. */
  drained(): void {
    this.#settle();
    this.pump();
  }

  #settle(): void {
    const bytes = this.#inStream;
    this.#inStream = 0;
    if (bytes > 0) this.#handler.left(bytes);
    for (const { left } of this.#done.splice(0)) left?.();
  }

  readonly #done: Outgoing[] = [];

  /** Writes a batch of parts. `false`: there is nothing to write now. */
  #fill(): boolean {
    for (let wroteAny = false; ; wroteAny = true) {
      const [message] = this.#queue;
      if (message === undefined) {
        if (!wroteAny) this.#finish();
        return wroteAny;
      }
      const piece = this.#nextPiece(message);
      if (piece === undefined) return wroteAny;
      if (!this.#writePart(message, piece)) return true;
    }
  }

  #writePart(message: Outgoing, piece: Uint8Array): boolean {
    const size = message.content instanceof Uint8Array ? message.content.length : message.content.size;
    const isFirst = this.#offset === 0;
    this.#offset += piece.length;
    this.#inStream += piece.length;
    const isLast = this.#offset === size;
    const writer = this.#writer;
    writePartHead(writer, isFirst ? message.opcode : CONTINUATION, isLast, piece.length);
    if (piece.length <= COPY_BYTES) writer.bytes(piece);
    const goesOn = this.#stream.write(writer.take());
    if (isLast) {
      this.#offset = 0;
      this.#queue.shift();
      this.#done.push(message);
    }
    return piece.length <= COPY_BYTES ? goesOn : this.#stream.write(piece);
  }

  /** The next piece of a message, or `undefined` while it is being read. */
  #nextPiece({ content }: Outgoing): Uint8Array | undefined {
    const offset = this.#offset;
    if (content instanceof Uint8Array) return content.subarray(offset, offset + PART_BYTES);
    if (content.size === 0) return new Uint8Array(0);
    const within = offset % BLOB_SLICE_BYTES;
    if (within === 0) {
      const slice = this.#takeSlice(content, offset);
      if (slice === undefined) return undefined;
      this.#slice = slice;
    }
    return this.#slice.subarray(within, within + PART_BYTES);
  }

  /** The slice of a `Blob` at an offset, if it has been read. The one behind it is read while this one is sent. */
  #takeSlice(blob: Blob, offset: number): Uint8Array | undefined {
    const read = this.#read;
    if (read === undefined) {
      this.#readSlice(blob, offset);
      return undefined;
    }
    if (read === 'reading') return undefined;
    this.#read = undefined;
    if (offset + BLOB_SLICE_BYTES < blob.size) this.#readSlice(blob, offset + BLOB_SLICE_BYTES);
    return read;
  }

  #readSlice(blob: Blob, offset: number): void {
    this.#read = 'reading';
    blob
      .slice(offset, offset + BLOB_SLICE_BYTES)
      .arrayBuffer()
      .then(
        (buffer) => {
          this.#read = new Uint8Array(buffer);
          this.pump();
        },
        (error: unknown) => {
          if (!this.#isOver) this.#handler.unreadable(error);
        },
      );
  }

  #finish(): void {
    if (this.#close === undefined || this.#isOver) return;
    this.#isOver = true;
    writeClosePart(this.#writer, this.#close);
    this.#stream.end(this.#writer.take());
  }
}

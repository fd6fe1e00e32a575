import {
  ByteWriter,
  ExchangeRequestDecoder,
  FAILURES,
  type FailureName,
  type FieldLines,
  type RequestHead,
  type RequestOptions,
  type ResponseMetadata,
  type SessionClose,
  type Stream,
  type StreamHandler,
  writeContentChunk,
  writeEnd,
  writeExchangeFailure,
  writeExchangeResponse,
  writeResponseHead,
} from '@hip/wire';
import { Arrivals, Latch } from './arrivals.ts';

/** One exchange as the gateway sees it, answered by the test, down to single bytes. */
export class GatewayExchange {
  readonly stream: Stream;

  // What the client sent.
  contextId = -1;
  options: RequestOptions = {};
  contentBytes = 0;
  /** Whether content gives its credit back as it arrives. */
  consumes = true;
  /** Content, piece by piece. */
  readonly contents = new Arrivals<Uint8Array>();
  /** A queue that was full has room again. */
  readonly writables = new Arrivals<void>();

  readonly #head = new Latch<RequestHead>();
  readonly #ended = new Latch();
  readonly #broken = new Latch<number>();
  readonly #stopped = new Latch<number>();
  readonly #closed = new Latch<SessionClose>();
  readonly #writer = new ByteWriter();
  #hasBegun = false;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** The request's head. */
  get head(): Promise<RequestHead> {
    return this.#head.promise;
  }

  /** The whole content of the request, once it has ended. */
  async body(): Promise<Buffer> {
    await this.#ended.promise;
    return Buffer.concat(this.contents.all);
  }

  /** Values of a field of the request. */
  async header(name: string): Promise<string[]> {
    const { fields } = await this.head;
    return fields.filter((_, at) => at % 2 === 1 && fields[at - 1] === name);
  }

  /** The code with which the client breaks its request off. */
  get broken(): Promise<number> {
    return this.#broken.promise;
  }

  /** The code with which the client refuses the response. */
  get stopped(): Promise<number> {
    return this.#stopped.promise;
  }

  /** Why the session ended. */
  get closed(): Promise<SessionClose> {
    return this.#closed.promise;
  }

  /** What has happened on the client's side so far. */
  get seen(): { ended: boolean; broken: boolean; stopped: boolean } {
    return { ended: this.#ended.isOpen, broken: this.#broken.isOpen, stopped: this.#stopped.isOpen };
  }

  // Answering.

  /** A whole response, the end of the stream with it. */
  answer(
    status = 200,
    fields: FieldLines = [],
    content: string | Uint8Array = '',
    metadata: ResponseMetadata = {},
  ): void {
    this.#writeHead(status, fields, metadata);
    writeContentChunk(this.#writer, bytesOf(content));
    this.end();
  }

  /** A head, final or informational. */
  sendHead(status = 200, fields: FieldLines = [], metadata: ResponseMetadata = {}): void {
    this.#writeHead(status, fields, metadata);
    this.stream.write(this.#writer.take());
  }

  /** Content; `false` when it would be kind to wait for {@link GatewayExchange.writables}. */
  sendContent(content: string | Uint8Array): boolean {
    writeContentChunk(this.#writer, bytesOf(content));
    return this.stream.write(this.#writer.take());
  }

  /** The end of the response and of the stream. */
  end(trailers: FieldLines = []): void {
    writeEnd(this.#writer, trailers);
    this.stream.end(this.#writer.take());
  }

  /** A failure instead of a response. */
  fail(name: FailureName, detail = ''): void {
    writeExchangeFailure(this.#writer, { name, detail });
    this.stream.end(this.#writer.take());
  }

  /** Breaks the response off. */
  reset(name: FailureName): void {
    this.stream.reset(FAILURES[name].code);
  }

  /** Sends content until `total` bytes are queued or the client refuses more; gives the number queued. */
  async pump(total: number, pieceBytes = 16_384): Promise<number> {
    const piece = new Uint8Array(pieceBytes);
    let queued = 0;
    while (queued < total && this.stream.isWritable) {
      const length = Math.min(pieceBytes, total - queued);
      queued += length;
      if (!this.sendContent(piece.subarray(0, length))) await this.writables.next();
    }
    return queued;
  }

  #writeHead(status: number, fields: FieldLines, metadata: ResponseMetadata): void {
    if (!this.#hasBegun) writeExchangeResponse(this.#writer, metadata);
    this.#hasBegun = true;
    writeResponseHead(this.#writer, status, fields);
  }

  // What the client does.

  readonly #request = new ExchangeRequestDecoder({
    begin: (contextId, options) => {
      this.contextId = contextId;
      this.options = options;
    },
    requestHead: (head) => this.#head.open(head),
    content: (bytes) => {
      this.contentBytes += bytes.length;
      this.contents.push(bytes);
    },
    end: () => this.#ended.open(),
  });

  readonly handler: StreamHandler = {
    data: (bytes, fin) => {
      if (this.consumes) this.stream.consume(bytes.length);
      this.#request.push(bytes);
      if (fin) this.#request.finish();
    },
    reset: (code) => this.#broken.open(code),
    stopSending: (code) => {
      this.#stopped.open(code);
      this.writables.push();
    },
    writable: () => this.writables.push(),
    closed: (close) => {
      this.#closed.open(close);
      this.writables.push();
    },
  };
}

/** A whole response as bytes, to be sent in pieces of a test's choice. */
export function responseBytes(
  status: number,
  fields: FieldLines,
  content: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writeExchangeResponse(writer, {});
  writeResponseHead(writer, status, fields);
  writeContentChunk(writer, bytesOf(content));
  writeEnd(writer, []);
  return writer.take();
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

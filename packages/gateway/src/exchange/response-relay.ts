import {
  ByteWriter,
  FAILURES,
  type Failure,
  type FieldLines,
  type ResponseMetadata,
  type Stream,
  writeContentChunk,
  writeEnd,
  writeExchangeFailure,
  writeExchangeResponse,
  writeResponseHead,
} from '@hip/wire';
import { readBuffer } from '../connect/young-garbage.ts';

/** Pieces of content up to this length are copied next to their chunk header; longer ones are passed on as they are, in bytes. */
const COPY_BYTES = 4_096;

/** Writes an exchange's answer to its stream as it comes from the origin. */
export class ResponseRelay {
  readonly #stream: Stream;
  #begun = false;

  /** @param stream - of the exchange. */
  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Whether a head has been written: from then on a failure can only break the stream off. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** A head, informational or final. The first one takes the metadata with it. */
  head(status: number, fields: FieldLines, metadata: () => ResponseMetadata): void {
    if (!this.#begun) {
      writeExchangeResponse(sharedWriter, metadata());
      this.#begun = true;
    }
    writeResponseHead(sharedWriter, status, fields);
    this.#stream.write(sharedWriter.take());
  }

  /** Content. `false` asks for a pause until the stream is writable again. */
  data(chunk: Uint8Array): boolean {
    if (chunk.length <= COPY_BYTES) {
      writeContentChunk(sharedWriter, chunk);
      return this.#stream.write(sharedWriter.take());
    }
    readBuffer(chunk.length);
    sharedWriter.varint(chunk.length);
    this.#stream.write(sharedWriter.take());
    return this.#stream.write(chunk);
  }

  /** The response is complete. */
  end(trailers: FieldLines): void {
    writeEnd(sharedWriter, trailers);
    this.#stream.end(sharedWriter.take());
  }

  /** There will be no response, or no more of it. */
  fail(failure: Failure): void {
    if (this.#begun) {
      this.#stream.reset(FAILURES[failure.name].code);
      return;
    }
    writeExchangeFailure(sharedWriter, failure);
    this.#stream.end(sharedWriter.take());
  }
}

/** Written and taken in one go: one writer serves every exchange, and small answers share its slabs. */
const sharedWriter = new ByteWriter();

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

  /**
   * A head, informational or final. The first one takes the metadata with it.
   *
   * @throws WireError when no message has such a head; nothing was written.
   */
  head(status: number, fields: FieldLines, metadata: () => ResponseMetadata): void {
    const bytes = written((writer) => {
      if (!this.#begun) writeExchangeResponse(writer, metadata());
      writeResponseHead(writer, status, fields);
    });
    this.#begun = true;
    this.#stream.write(bytes);
  }

  /** Content. `false` asks for a pause until the stream is writable again. */
  data(chunk: Uint8Array): boolean {
    if (chunk.length <= COPY_BYTES) {
      return this.#stream.write(written((writer) => writeContentChunk(writer, chunk)));
    }
    readBuffer(chunk.length);
    this.#stream.write(written((writer) => writer.varint(chunk.length)));
    return this.#stream.write(chunk);
  }

  /**
   * The response is complete.
   *
   * @throws WireError when no message has such trailers; nothing was written.
   */
  end(trailers: FieldLines): void {
    this.#stream.end(written((writer) => writeEnd(writer, trailers)));
  }

  /** There will be no response, or no more of it. */
  fail(failure: Failure): void {
    if (this.#begun) this.#stream.reset(FAILURES[failure.name].code);
    else this.#stream.end(written((writer) => writeExchangeFailure(writer, failure)));
  }
}

/** Serves every exchange of every session, so that small answers share its slabs. */
const sharedWriter = new ByteWriter();

/** What `write` writes. If it throws, nothing of it is left for whoever comes next. */
function written(write: (writer: ByteWriter) => void): Uint8Array {
  sharedWriter.discard();
  write(sharedWriter);
  return sharedWriter.take();
}

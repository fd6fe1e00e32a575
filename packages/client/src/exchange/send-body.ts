import { ByteWriter, type Stream, writeContentChunk, writeEnd } from '@hip/wire';
import { InvalidRequestError } from '../errors.ts';

/** Most bytes of one content chunk: what a record carries anyway. Longer pieces are sent as several. */
const CHUNK_BYTES = 65_536;

/** Waits until a stream that refused more wants more, or has ended. */
export interface WritableSignal {
  wait(): Promise<void>;
}

/**
 * Sends the pieces of a body as content chunks, no faster than the stream takes them, then the end of the request.
 *
 * @param sent - told how many bytes of content have been given to the stream so far.
 * @throws whatever the source throws, and {@link InvalidRequestError} when it yields anything but bytes.
 */
export async function sendBody(
  stream: Stream,
  source: AsyncIterator<Uint8Array, unknown>,
  writable: WritableSignal,
  sent: (bytes: number) => void,
): Promise<void> {
  const writer = new ByteWriter();
  let total = 0;
  for (;;) {
    const { done, value } = await source.next();
    if (done) break;
    if (!(value instanceof Uint8Array)) {
      throw new InvalidRequestError('invalid_option', `body must yield Uint8Array, got ${typeof value}`);
    }
    for (let at = 0; at < value.length; at += CHUNK_BYTES) {
      if (!stream.isWritable) {
        await source.return?.();
        return;
      }
      const piece = value.subarray(at, at + CHUNK_BYTES);
      writeContentChunk(writer, piece);
      total += piece.length;
      const goesOn = stream.write(writer.take());
      sent(total);
      if (!goesOn) await writable.wait();
    }
  }
  writeEnd(writer, []);
  stream.end(writer.take());
}

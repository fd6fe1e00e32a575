import type { ByteWriter } from '../byte-writer.ts';
import * as WIRE_LIMITS from '../limits.ts';
import type { Stream } from './stream.ts';

/** Room for the headers of a few STREAM frames, in bytes: what is reserved beside their content. */
const HEADER_BYTES = 32;

/** Which streams have something to send, whose turn it is, and what credit of the session is left for them. */
export class SendScheduler {
  #ready: Stream[] = [];
  readonly #isReady = new Set<Stream>();
  #queuedBytes = 0;
  #sent = 0;
  #limit = 0;

  /** The stream has something to send. Tells whether it had nothing before. */
  add(stream: Stream): boolean {
    if (this.#isReady.has(stream) || !stream.hasFrame) return false;
    this.#isReady.add(stream);
    this.#ready.push(stream);
    return true;
  }

  /** So many bytes entered (or, negative, left) the queue of a stream. */
  queued(bytes: number): void {
    this.#queuedBytes += bytes;
  }

  /** MAX_DATA arrived. Tells whether streams were waiting for it. A limit that is not higher is old news (RFC 9000 §4.1). */
  raiseLimit(limit: number): boolean {
    if (limit <= this.#limit) return false;
    this.#limit = limit;
    return this.#ready.length > 0;
  }

  /** Forgets every stream. */
  clear(): void {
    this.#ready = [];
    this.#isReady.clear();
  }

  /** Lets streams that are ready write frames in turn until the record has `recordBytes`. */
  fill(writer: ByteWriter, recordBytes: number): void {
    if (this.#ready.length === 0) return;
    writer.reserve(Math.min(recordBytes - writer.length, this.#queuedBytes + HEADER_BYTES));
    const ready = this.#ready;
    const held: Stream[] = [];
    let next = 0;
    while (next < ready.length) {
      const stream = ready[next] as Stream;
      const quantum = next === ready.length - 1 ? recordBytes : WIRE_LIMITS.sendQuantumBytes;
      const credit = this.#limit - this.#sent;
      const length = stream.writeFrame(writer, recordBytes - writer.length, credit, quantum);
      if (length < 0 && stream.hasFrame) {
        if (credit > 0) break;
        // The session's credit is used up. A FIN without content needs none: it must not wait behind content.
        held.push(stream);
        next++;
        continue;
      }
      next++;
      if (length > 0) this.#sent += length;
      if (stream.hasFrame) ready.push(stream);
      else this.#isReady.delete(stream);
    }
    ready.splice(0, next, ...held);
  }
}

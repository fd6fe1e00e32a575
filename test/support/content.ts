/**
 * Deterministic content: any byte of it can be told from its offset, so the sender and the receiver of 100 MB
 * agree on it without either holding it. Runs in Node and in browsers.
 */

/** Bytes after which the content repeats. A prime, so that no chunk size of a power of two keeps step with it. */
const PERIOD_BYTES = 1_000_003;

/** Largest piece that `contentAt` gives at once. */
const MAX_PIECE_BYTES = 1 << 19;

const pattern: Uint8Array<ArrayBuffer> = makePattern();

function makePattern(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PERIOD_BYTES + MAX_PIECE_BYTES);
  let state = 0x9e3779b9; // xorshift32 (Marsaglia 2003); any seed but 0
  for (let i = 0; i < PERIOD_BYTES; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 0xff;
  }
  bytes.copyWithin(PERIOD_BYTES, 0, MAX_PIECE_BYTES); // a piece may run over the end of the period
  return bytes;
}

/** The content's bytes from `offset`: a view, not a copy. */
function contentAt(offset: number, length: number): Uint8Array<ArrayBuffer> {
  if (length > MAX_PIECE_BYTES)
    throw new RangeError(`content piece of ${length} bytes is above ${MAX_PIECE_BYTES}`);
  const start = offset % PERIOD_BYTES;
  return pattern.subarray(start, start + length);
}

/** The first `length` bytes in an array of their own. */
export function contentBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (const [offset, piece] of contentPieces(length)) bytes.set(piece, offset);
  return bytes;
}

/** The first `length` bytes in pieces, each with its offset. */
export function* contentPieces(
  length: number,
  pieceBytes = 65_536,
): Generator<[number, Uint8Array<ArrayBuffer>]> {
  for (let offset = 0; offset < length; offset += pieceBytes) {
    yield [offset, contentAt(offset, Math.min(pieceBytes, length - offset))];
  }
}

/** What {@link contentStream} has been asked for so far. */
export interface StreamProgress {
  /** Bytes that the reader has pulled. */
  pulledBytes: number;
  /** The reader's reason, where it cancelled. */
  cancelled?: unknown;
}

/** The first `length` bytes as a pull stream without a queue of its own: it makes a piece when one is asked for. */
export function contentStream(
  length: number,
  progress: StreamProgress = { pulledBytes: 0 },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = contentPieces(length);
  return new ReadableStream(
    {
      pull(controller) {
        const next = pieces.next();
        if (next.done) return controller.close();
        progress.pulledBytes += next.value[1].length;
        // A copy: the reader owns what it gets, and may transfer it.
        controller.enqueue(next.value[1].slice());
      },
      cancel(reason) {
        progress.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
}

/** Compares a body, as it comes, with the deterministic content; throws at the first byte that differs. */
export class ContentCheck {
  receivedBytes = 0;

  push(chunk: Uint8Array): void {
    for (let done = 0; done < chunk.length; ) {
      const length = Math.min(MAX_PIECE_BYTES, chunk.length - done);
      const expected = contentAt(this.receivedBytes, length);
      for (let i = 0; i < length; i++) {
        if (chunk[done + i] === expected[i]) continue;
        throw new Error(
          `content differs at offset ${this.receivedBytes + i}: ${chunk[done + i]}, not ${expected[i]}`,
        );
      }
      done += length;
      this.receivedBytes += length;
    }
  }
}

/** SHA-256 in hex, by WebCrypto. */
export async function sha256(bytes: Uint8Array<ArrayBuffer> | ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

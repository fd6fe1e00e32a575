/**
 * Content that has arrived and waits to be read. What arrives are views of whole messages, which other exchanges share
 * and which a reader that keeps, changes or transfers its piece must not touch: they are copied on the way out, unless
 * the message holds nothing else.
 */
export class ContentQueue {
  #pieces: Uint8Array[] = [];
  /** For each piece, whether its buffer holds nothing of anybody else. */
  #claimed: boolean[] = [];

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Adds a view of a message. */
  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#claimed.push(false);
  }

  /**
   * The last `count` pieces are all that their message holds. They become one piece, moved together in place: nothing is
   * copied for them later, and the reader gets one piece per message however the origin's chunks lie in it.
   */
  claimLast(count: number): void {
    const pieces = this.#pieces.splice(-count);
    const [first] = pieces;
    if (first === undefined) return;
    const message = new Uint8Array(first.buffer);
    let end = first.byteOffset + first.length;
    for (const piece of pieces.slice(1)) {
      message.copyWithin(end, piece.byteOffset, piece.byteOffset + piece.length);
      end += piece.length;
    }
    this.#pieces.push(message.subarray(first.byteOffset, end));
    this.#claimed.length = this.#pieces.length - 1;
    this.#claimed.push(true);
  }

  /** The next piece of at most `limitBytes`, or `undefined` when nothing waits. */
  take(limitBytes: number): Uint8Array | undefined {
    const piece = this.#pieces[0];
    if (piece === undefined) return undefined;
    if (piece.length > limitBytes) {
      this.#pieces[0] = piece.subarray(limitBytes);
      return piece.slice(0, limitBytes);
    }
    this.#pieces.shift();
    return this.#claimed.shift() && !isSmallPart(piece) ? piece : own(piece);
  }

  /** Everything that waits, as one piece. */
  takeAll(): Uint8Array {
    const bytes = own(concatenate(this.#pieces));
    this.clear();
    return bytes;
  }

  /** Drops everything. */
  clear(): void {
    this.#pieces = [];
    this.#claimed = [];
  }
}

/** One array with the bytes of all: a piece that is alone, as it is. */
export function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function own(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** Whether keeping the piece would keep a buffer twice its size. */
function isSmallPart(bytes: Uint8Array): boolean {
  return bytes.length * 2 < bytes.buffer.byteLength;
}

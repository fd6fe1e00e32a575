/** The pieces of a body as they come; leaving the loop gives the rest up. Not every browser iterates a stream itself. */
export async function* piecesOf(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {}); // a body that broke has told its error already
  }
}

/** The first bytes of a body, at most `limitBytes`. */
export class FirstBytes {
  readonly #limitBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Whether more came than is kept. */
  get isOver(): boolean {
    return this.#length > this.#limitBytes;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** All of them, in one. */
  bytes(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole.subarray(0, this.#limitBytes);
  }
}

import { expect } from 'vitest';
import type { BuiltinZlib } from '../../src/decode/builtin-zlib.ts';
import { createContentDecoder } from '../../src/decode/content-decoder.ts';
import { type ContentSource, DecodedBody } from '../../src/decode/decoded-body.ts';
import { concatenate } from '../../src/exchange/content-queue.ts';

/** How content comes and is read. */
export interface Reading {
  /** In pieces of so many raw bytes; all at once when left out. */
  rawPieceBytes?: number;
  /** In pieces of at most so many decoded bytes. */
  limitBytes?: number;
  /** What there is of `node:zlib`; all of it when left out. */
  zlib?: BuiltinZlib;
}

/** Raw content that comes in pieces. */
export class RawContent implements ContentSource {
  readonly #raw: Uint8Array;
  readonly #pieceBytes: number;
  takenBytes = 0;
  isCancelled = false;

  constructor(raw: Uint8Array, pieceBytes: number = Number.POSITIVE_INFINITY) {
    this.#raw = raw;
    this.#pieceBytes = pieceBytes;
  }

  async next(limitBytes: number): Promise<Uint8Array | undefined> {
    if (this.takenBytes >= this.#raw.length) return undefined;
    const piece = this.#raw.slice(this.takenBytes, this.takenBytes + Math.min(limitBytes, this.#pieceBytes));
    this.takenBytes += piece.length;
    return piece;
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

/** The pieces that reading gives; content without a known coding as it is. */
export async function* decodedPieces(
  contentEncoding: string,
  raw: Uint8Array,
  { rawPieceBytes, limitBytes = 65_536, zlib }: Reading = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = new RawContent(raw, rawPieceBytes);
  const decoder = createContentDecoder(contentEncoding, zlib);
  const body = decoder === undefined ? source : new DecodedBody(source, decoder);
  for (;;) {
    const piece = await body.next(limitBytes);
    if (piece === undefined) return;
    yield piece;
  }
}

/** All decoded content. */
export async function decoded(
  contentEncoding: string,
  raw: Uint8Array,
  reading?: Reading,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of decodedPieces(contentEncoding, raw, reading)) pieces.push(piece);
  return concatenate(pieces);
}

/** That these are the same bytes. `toEqual` takes seconds for a megabyte. */
export function expectBytes(got: Uint8Array, expected: Uint8Array): void {
  expect(got.length).toBe(expected.length);
  const difference = got.findIndex((byte, at) => byte !== expected[at]);
  expect(difference, `first byte that differs, of ${got.length}`).toBe(-1);
}

/** Numbers that are the same in every run. */
export function random(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % end;
  };
}

/** Content that compresses about as text does. */
export function textContent(length: number, seed = 1): Uint8Array {
  const next = random(seed);
  const words = Array.from({ length: 400 }, () =>
    String.fromCharCode(...Array.from({ length: 1 + next(9) }, () => 97 + next(26))),
  );
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    // Frequent words are frequent: the first hundred come as often as the others together.
    const word = `${words[next(next(2) === 0 ? 100 : 400)]} `;
    at += new TextEncoder().encodeInto(word, bytes.subarray(at)).written || length;
  }
  return bytes;
}

import { baseOf, bitsOf, symbolOf } from './zstd-fse.ts';
import type { ZstdHeader } from './zstd-header.ts';
import { type HuffmanTable, lastBit } from './zstd-huffman.ts';
import { type Literals, readLiterals } from './zstd-literals.ts';
import {
  LITERAL_LENGTH_BASES,
  LITERAL_LENGTH_BITS,
  MATCH_LENGTH_BASES,
  MATCH_LENGTH_BITS,
  MAX_OFFSET_CODE,
  readSequencesHead,
  type SequencesHead,
  type SequenceTables,
} from './zstd-sequences.ts';

/** Header of a block, and its types (RFC 8878 §3.1.1.2). */
const BLOCK_HEADER_BYTES = 3;
const RAW = 0;
const REPEATED_BYTE = 1;

/** Content of a block, at most (RFC 8878 §3.1.1.2.4). */
const MAX_BLOCK_BYTES = 131_072;

/** Header of a block, and what may be read behind it, four bytes at a time. */
const PADDING_BYTES = 8;

const TOO_LONG = 'zstd: a block that is longer than it may be';
const TOO_FAR = 'zstd: a match that begins before the content';

/** The block that is being undone, and its literals. Nothing of them is needed afterwards. */
let scratch: { readonly input: Uint8Array; readonly literals: Uint8Array } | undefined;

/** Undoes the blocks of one frame (RFC 8878 §3.1.1.2), which refer to what came before in it. */
export class ZstdFrame {
  readonly #windowBytes: number;
  readonly #blockBytes: number;
  readonly #capacity: number;
  /** Content: the window, and room behind it. */
  #buffer = new Uint8Array(0);
  #at = 0;

  #huffman: HuffmanTable | undefined;
  #tables: SequenceTables | undefined;
  /** The last three offsets (RFC 8878 §3.1.1.5). */
  readonly #offsets = Int32Array.of(1, 4, 8);

  constructor({ windowBytes }: ZstdHeader) {
    this.#windowBytes = windowBytes;
    this.#blockBytes = Math.min(windowBytes, MAX_BLOCK_BYTES);
    // The window is moved to the front once for every half of it.
    this.#capacity = windowBytes + Math.max(this.#blockBytes, windowBytes >> 1);
  }

  /**
   * The content of a block, in an array of its own.
   *
   * @param block - with its header, which has been checked.
   * @throws Error where it cannot be undone.
   */
  undo(block: Uint8Array): Uint8Array {
    const head = (block[0] as number) | ((block[1] as number) << 8) | ((block[2] as number) << 16);
    const type = (head >> 1) & 3;
    const isCompressed = type !== RAW && type !== REPEATED_BYTE;
    this.#makeRoom(isCompressed ? this.#blockBytes : head >> 3);
    const start = this.#at;
    if (isCompressed) {
      this.#undoCompressed(block);
    } else {
      this.#at += head >> 3;
      if (type === RAW) this.#buffer.set(block.subarray(BLOCK_HEADER_BYTES), start);
      else this.#buffer.fill(block[BLOCK_HEADER_BYTES] as number, start, this.#at);
    }
    return this.#buffer.slice(start, this.#at);
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    if (this.#buffer.length < this.#capacity) {
      const length = Math.max(this.#at + bytes, this.#buffer.length * 2);
      const larger = new Uint8Array(Math.min(length, this.#capacity));
      larger.set(this.#buffer);
      this.#buffer = larger;
      return this.#makeRoom(bytes);
    }
    const from = Math.max(this.#at - this.#windowBytes, 0);
    this.#buffer.copyWithin(0, from, this.#at);
    this.#at -= from;
  }

  #undoCompressed(block: Uint8Array): void {
    scratch ??= {
      input: new Uint8Array(MAX_BLOCK_BYTES + PADDING_BYTES),
      literals: new Uint8Array(MAX_BLOCK_BYTES),
    };
    const { input } = scratch;
    input.set(block);
    const room = scratch.literals.subarray(0, this.#blockBytes);
    const literals = readLiterals(input, BLOCK_HEADER_BYTES, block.length, room, this.#huffman);
    this.#huffman = literals.table;
    const sequences = readSequencesHead(input, literals.end, block.length, this.#tables);
    this.#tables = sequences.tables;
    const from =
      sequences.tables === undefined || sequences.count === 0
        ? literals.from
        : this.#execute(input, block.length, literals, sequences, sequences.tables);
    if (sequences.count === 0 && sequences.start !== block.length) {
      throw new Error('zstd: a block that goes on behind its sequences');
    }
    this.#buffer.set(literals.bytes.subarray(from, literals.to), this.#at);
    this.#at += literals.to - from;
  }

  /**
   * Executes sequences (RFC 8878 §3.1.1.4): literals, then a match. The hot loop; all it uses is local.
   *
   * @returns where the literals begin that are behind the last sequence.
   */
  #execute(
    input: Uint8Array,
    end: number,
    literals: Literals,
    { count, start }: SequencesHead,
    [literalTable, offsetTable, matchTable]: SequenceTables,
  ): number {
    const buffer = this.#buffer;
    const literalBytes = literals.bytes;
    const literalStates = literalTable.states;
    const offsetStates = offsetTable.states;
    const matchStates = matchTable.states;
    const limit = this.#at + this.#blockBytes;
    const firstBit = start * 8;
    let literal = literals.from;
    let at = this.#at;
    let [offset1, offset2, offset3] = this.#offsets as unknown as [number, number, number];

    // Bits are read from the end.
    let bit = lastBit(input, start, end) - literalTable.accuracyLog;
    let literalState = literalStates[bitsAt(input, bit, literalTable.accuracyLog)] as number;
    bit -= offsetTable.accuracyLog;
    let offsetState = offsetStates[bitsAt(input, bit, offsetTable.accuracyLog)] as number;
    bit -= matchTable.accuracyLog;
    let matchState = matchStates[bitsAt(input, bit, matchTable.accuracyLog)] as number;

    for (let left = count; left > 0; left--) {
      const offsetCode = symbolOf(offsetState);
      if (offsetCode > MAX_OFFSET_CODE) throw new Error(TOO_FAR);
      bit -= offsetCode;
      const offsetValue = (1 << offsetCode) + bitsAt(input, bit, offsetCode);
      const matchCode = symbolOf(matchState);
      const matchBits = MATCH_LENGTH_BITS[matchCode] as number;
      bit -= matchBits;
      const matchLength = (MATCH_LENGTH_BASES[matchCode] as number) + bitsAt(input, bit, matchBits);
      const literalCode = symbolOf(literalState);
      const literalBits = LITERAL_LENGTH_BITS[literalCode] as number;
      bit -= literalBits;
      const literalLength = (LITERAL_LENGTH_BASES[literalCode] as number) + bitsAt(input, bit, literalBits);
      if (left > 1) {
        bit -= bitsOf(literalState);
        literalState = literalStates[
          baseOf(literalState) + bitsAt(input, bit, bitsOf(literalState))
        ] as number;
        bit -= bitsOf(matchState);
        matchState = matchStates[baseOf(matchState) + bitsAt(input, bit, bitsOf(matchState))] as number;
        bit -= bitsOf(offsetState);
        offsetState = offsetStates[baseOf(offsetState) + bitsAt(input, bit, bitsOf(offsetState))] as number;
      }
      if (bit < firstBit) throw new Error('zstd: sequences that are cut off');

      // Values up to three mean one of the last offsets (RFC 8878 §3.1.1.5).
      let offset = offsetValue - 3;
      if (offset > 0) {
        offset3 = offset2;
        offset2 = offset1;
        offset1 = offset;
      } else {
        const which = literalLength === 0 ? offsetValue + 1 : offsetValue;
        offset = which === 1 ? offset1 : which === 2 ? offset2 : which === 3 ? offset3 : offset1 - 1;
        if (which > 2) offset3 = offset2;
        if (which > 1) offset2 = offset1;
        offset1 = offset;
      }

      const matchAt = at + literalLength;
      const matchEnd = matchAt + matchLength;
      const literalEnd = literal + literalLength;
      if (literalEnd > literals.to || matchEnd > limit) throw new Error(TOO_LONG);
      if (offset > matchAt || offset <= 0) throw new Error(TOO_FAR);
      while (literal < literalEnd) buffer[at++] = literalBytes[literal++] as number;
      for (let from = at - offset; at < matchEnd; ) buffer[at++] = buffer[from++] as number;
    }
    if (bit !== firstBit) throw new Error('zstd: more bits than sequences');
    if (at + literals.to - literal > limit) throw new Error(TOO_LONG);
    this.#at = at;
    this.#offsets.set([offset1, offset2, offset3]);
    return literal;
  }
}

/** Up to 24 bits that begin at this bit. */
function bitsAt(bytes: Uint8Array, bit: number, count: number): number {
  const at = bit >> 3;
  const word =
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24);
  return (word >>> (bit & 7)) & ((1 << count) - 1);
}

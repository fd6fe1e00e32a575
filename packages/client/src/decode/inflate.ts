import {
  codeLengthTable,
  type DeflateTables,
  DISTANCE_ROOT_BITS,
  fixedTables,
  LENGTH_ROOT_BITS,
  LITERAL_ROOT_BITS,
  MAX_MATCH_BYTES,
  makeTables,
} from './deflate-tables.ts';
import type { Engine } from './engine.ts';
import { ENTRY, VALUE_SHIFT } from './huffman-table.ts';

/** How far back a match may reach (RFC 1951 §2). */
const WINDOW_BYTES = 32_768;

/** Content made at a time, at most. */
const PIECE_BYTES = 65_536;

/** The buffer at first, enough for most small responses, and at its largest: the window, a piece, and some room. */
const FIRST_BUFFER_BYTES = 8_192;
const BUFFER_BYTES = 131_072;

/** Input that one symbol takes at most: twice a code and extra bits, two bytes at a time. */
const MAX_SYMBOL_BYTES = 8;

/** Zeros behind the input, which a symbol may take before it is seen that it is cut off. */
const PADDING_BYTES = 2 * MAX_SYMBOL_BYTES;

const LITERAL_MASK = (1 << LITERAL_ROOT_BITS) - 1;
const DISTANCE_MASK = (1 << DISTANCE_ROOT_BITS) - 1;

/** In which order the lengths of the codes of code lengths come (RFC 1951 §3.2.7). */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The kinds of blocks (RFC 1951 §3.2.3). */
const STORED = 0;
const FIXED_CODES = 1;
const DYNAMIC_CODES = 2;

/**
 * Undoes DEFLATE (RFC 1951) without running ahead of its reader: at most 64 KiB are made at a time. It can stop after any
 * byte of its input, and knows where in it the data ended.
 */
export class Inflate implements Engine {
  #input = new Uint8Array(PADDING_BYTES);
  #position = 0;
  #end = 0;
  /** Bits taken from the input and not yet used, the next one lowest. */
  #hold = 0;
  #bits = 0;

  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  /** Where in the buffer the next byte goes, and where the reader is. */
  #at = 0;
  #read = 0;

  #tables: DeflateTables | undefined;
  #storedBytes = 0;
  #isInBlock = false;
  #isLastBlock = false;

  push(bytes: Uint8Array): void {
    const left = this.#input.subarray(this.#position, this.#end);
    this.#end = left.length + bytes.length;
    this.#input = new Uint8Array(this.#end + PADDING_BYTES);
    this.#input.set(left);
    this.#input.set(bytes, left.length);
    this.#position = 0;
  }

  get hasEnded(): boolean {
    return this.#isLastBlock && !this.#isInBlock;
  }

  get rest(): Uint8Array {
    return this.#input.subarray(this.#position, this.#end);
  }

  pull(): Uint8Array | undefined {
    while (this.#at - this.#read < PIECE_BYTES && !this.hasEnded) {
      this.#makeRoom();
      if (!this.#step(Math.min(this.#read + PIECE_BYTES, this.#buffer.length - MAX_MATCH_BYTES))) break;
    }
    if (this.#at === this.#read) return undefined;
    const piece = this.#buffer.slice(this.#read, Math.min(this.#read + PIECE_BYTES, this.#at));
    this.#read += piece.length;
    return piece;
  }

  close(): void {}

  /** Goes on until the buffer is filled to `until`, or the block ends. `false` when more input is needed. */
  #step(until: number): boolean {
    if (!this.#isInBlock) return this.#beginBlock();
    return this.#tables === undefined ? this.#copyStored(until) : this.#decode(this.#tables, until);
  }

  #makeRoom(): void {
    if (this.#at < this.#buffer.length - MAX_MATCH_BYTES) return;
    if (this.#buffer.length < BUFFER_BYTES) {
      const larger = new Uint8Array(this.#buffer.length * 4);
      larger.set(this.#buffer);
      this.#buffer = larger;
      return;
    }
    const from = Math.min(this.#read, this.#at - WINDOW_BYTES);
    this.#buffer.copyWithin(0, from, this.#at);
    this.#at -= from;
    this.#read -= from;
  }

  // Heads of blocks. They are read in one go, or again from their beginning once there is more input.

  #beginBlock(): boolean {
    const [position, hold, bits] = [this.#position, this.#hold, this.#bits];
    const isLast = this.#take(1) === 1;
    const kind = this.#take(2);
    const isWhole = kind === STORED ? this.#readStoredHead() : this.#readTables(kind);
    if (!isWhole) {
      [this.#position, this.#hold, this.#bits] = [position, hold, bits];
      return false;
    }
    this.#isLastBlock = isLast;
    this.#isInBlock = true;
    return true;
  }

  /** Reads lengths of a stored block (RFC 1951 §3.2.4). */
  #readStoredHead(): boolean {
    this.#take(this.#bits & 7);
    const length = this.#take(16);
    const complement = this.#take(16);
    if (this.#isTooFar) return false;
    if (length + complement !== 65_535) throw new Error('deflate: lengths of a stored block that differ');
    this.#giveBack();
    this.#storedBytes = length;
    this.#tables = undefined;
    return true;
  }

  #readTables(kind: number): boolean {
    if (this.#isTooFar) return false;
    if (kind === FIXED_CODES) {
      this.#tables = fixedTables();
      return true;
    }
    if (kind !== DYNAMIC_CODES) throw new Error('deflate: a block of no known kind');
    const literalCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const codeCount = this.#take(4) + 4;
    if (this.#isTooFar) return false;
    if (literalCount > 286 || distanceCount > 30) throw new Error('deflate: more symbols than there are');
    const lengths = this.#readCodeLengths(literalCount + distanceCount, codeCount);
    if (lengths === undefined) return false;
    this.#tables = makeTables(lengths.subarray(0, literalCount), lengths.subarray(literalCount));
    return true;
  }

  /** The code lengths of both tables (RFC 1951 §3.2.7); `undefined` when more input is needed. */
  #readCodeLengths(count: number, codeCount: number): Uint8Array | undefined {
    const codeLengths = new Uint8Array(LENGTH_ORDER.length);
    for (const symbol of LENGTH_ORDER.slice(0, codeCount)) codeLengths[symbol] = this.#take(3);
    if (this.#isTooFar) return undefined;
    const table = codeLengthTable(codeLengths);
    const lengths = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      this.#fill(LENGTH_ROOT_BITS);
      const entry = table[this.#hold & ((1 << LENGTH_ROOT_BITS) - 1)] as number;
      this.#take(entry & 15);
      const symbol = entry >> VALUE_SHIFT;
      let value = symbol;
      let repeats = 1;
      if (symbol >= 16) {
        value = symbol === 16 ? (lengths[at - 1] ?? -1) : 0;
        repeats = symbol === 18 ? this.#take(7) + 11 : symbol === 17 ? this.#take(3) + 3 : this.#take(2) + 3;
      }
      if (this.#isTooFar) return undefined;
      if (value < 0 || at + repeats > count) throw new Error('deflate: a repetition without a place');
      lengths.fill(value, at, at + repeats);
      at += repeats;
    }
    return lengths;
  }

  // Bits of the heads.

  /** Takes bits; zeros where the input has ended, which {@link Inflate.#isTooFar} tells afterwards. */
  #take(count: number): number {
    this.#fill(count);
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  #fill(count: number): void {
    while (this.#bits < count) {
      this.#hold |= (this.#input[this.#position] ?? 0) << this.#bits;
      this.#position += 1;
      this.#bits += 8;
    }
  }

  /** Whether bits were used that the input does not have. */
  get #isTooFar(): boolean {
    return this.#position - (this.#bits >> 3) > this.#end;
  }

  /** Gives back the bytes of which no bit was used, some of which may be padding. */
  #giveBack(): void {
    this.#position -= this.#bits >> 3;
    this.#bits &= 7;
    this.#hold &= (1 << this.#bits) - 1;
  }

  // Contents of blocks.

  #copyStored(until: number): boolean {
    const length = Math.min(this.#storedBytes, until - this.#at, this.#end - this.#position);
    this.#buffer.set(this.#input.subarray(this.#position, this.#position + length), this.#at);
    this.#at += length;
    this.#position += length;
    this.#storedBytes -= length;
    if (this.#storedBytes === 0) this.#isInBlock = false;
    return length > 0 || !this.#isInBlock;
  }

  #decode(tables: DeflateTables, until: number): boolean {
    throwFault(this.#decodeRun(tables, until, this.#end - MAX_SYMBOL_BYTES));
    // Near the end of the input one symbol after the other, each of which may turn out to be cut off.
    while (this.#isInBlock && this.#at < until) {
      const [position, hold, bits, at] = [this.#position, this.#hold, this.#bits, this.#at];
      const fault = this.#decodeRun(tables, at + 1, this.#input.length);
      if (this.#isTooFar) {
        [this.#position, this.#hold, this.#bits, this.#at] = [position, hold, bits, at];
        this.#isInBlock = true;
        this.#giveBack();
        return false;
      }
      throwFault(fault);
    }
    this.#giveBack();
    return true;
  }

  /**
   * The hot loop, as long as the buffer is not filled to `until` and the input not read to `stop`. All it uses is local;
   * entries are one number each; bits come two bytes at a time, which are then at least the 15 that a code may have.
   *
   * @returns what is wrong with the data, if anything.
   */
  #decodeRun({ literals, distances }: DeflateTables, until: number, stop: number): string | undefined {
    const input = this.#input;
    const buffer = this.#buffer;
    let position = this.#position;
    let hold = this.#hold;
    let bits = this.#bits;
    let at = this.#at;
    let fault: string | undefined;
    while (at < until && position < stop) {
      if (bits < 15) {
        hold |= ((input[position] as number) | ((input[position + 1] as number) << 8)) << bits;
        position += 2;
        bits += 16;
      }
      let entry = literals[hold & LITERAL_MASK] as number;
      if ((entry & ENTRY.kinds) === ENTRY.link) {
        hold >>>= LITERAL_ROOT_BITS;
        bits -= LITERAL_ROOT_BITS;
        entry = literals[(entry >> VALUE_SHIFT) + (hold & ((1 << ((entry >> 4) & 15)) - 1))] as number;
      }
      hold >>>= entry & 15;
      bits -= entry & 15;
      if ((entry & ENTRY.kinds) === ENTRY.symbol) {
        buffer[at++] = entry >> VALUE_SHIFT;
        continue;
      }
      if ((entry & ENTRY.kinds) === ENTRY.end) {
        if (entry >> VALUE_SHIFT === 0) this.#isInBlock = false;
        else fault = 'a code without a meaning';
        break;
      }
      if (bits < 15) {
        hold |= ((input[position] as number) | ((input[position + 1] as number) << 8)) << bits;
        position += 2;
        bits += 16;
      }
      let extraBits = (entry >> 4) & 15;
      const length = (entry >> VALUE_SHIFT) + (hold & ((1 << extraBits) - 1));
      hold >>>= extraBits;
      bits -= extraBits;
      if (bits < 15) {
        hold |= ((input[position] as number) | ((input[position + 1] as number) << 8)) << bits;
        position += 2;
        bits += 16;
      }
      entry = distances[hold & DISTANCE_MASK] as number;
      if ((entry & ENTRY.kinds) === ENTRY.link) {
        hold >>>= DISTANCE_ROOT_BITS;
        bits -= DISTANCE_ROOT_BITS;
        entry = distances[(entry >> VALUE_SHIFT) + (hold & ((1 << ((entry >> 4) & 15)) - 1))] as number;
      }
      hold >>>= entry & 15;
      bits -= entry & 15;
      if (bits < 15) {
        hold |= ((input[position] as number) | ((input[position + 1] as number) << 8)) << bits;
        position += 2;
        bits += 16;
      }
      extraBits = (entry >> 4) & 15;
      const distance = (entry >> VALUE_SHIFT) + (hold & ((1 << extraBits) - 1));
      hold >>>= extraBits;
      bits -= extraBits;
      if ((entry & ENTRY.kinds) === ENTRY.end) {
        fault = 'a code without a meaning';
        break;
      }
      if (distance > at) {
        fault = 'a match that begins before the content';
        break;
      }
      const matchEnd = at + length;
      for (let from = at - distance; at < matchEnd; ) buffer[at++] = buffer[from++] as number;
    }
    this.#position = position;
    this.#hold = hold;
    this.#bits = bits;
    this.#at = at;
    return fault;
  }
}

function throwFault(fault: string | undefined): void {
  if (fault !== undefined) throw new Error(`deflate: ${fault}`);
}

import { ENTRY, fillTable, VALUE_SHIFT } from './huffman-table.ts';

/** Longest match (RFC 1951 §3.2.5). */
export const MAX_MATCH_BYTES = 258;

/** Bits that find most codes of literals and lengths in one step. */
export const LITERAL_ROOT_BITS = 10;

/** Bits that find most codes of distances in one step. */
export const DISTANCE_ROOT_BITS = 8;

/** Bits that find all codes of code lengths (RFC 1951 §3.2.7). */
export const LENGTH_ROOT_BITS = 7;

/** Entries that tables with these roots have at most, whatever the codes (`enough` of zlib's examples). */
const LITERAL_ENTRIES = 1334;
const DISTANCE_ENTRIES = 402;
const LENGTH_ENTRIES = 128;

const END_OF_BLOCK = 256;

const LENGTH_SYMBOLS = Int32Array.from({ length: 19 }, (_, symbol) => symbol << VALUE_SHIFT);
const LITERAL_SYMBOLS = literalEntries();
const DISTANCE_SYMBOLS = distanceEntries();
let fixed: DeflateTables | undefined;

/** The codes of a block. */
export interface DeflateTables {
  /** Of bytes, lengths and the end of the block. */
  readonly literals: Int32Array;
  readonly distances: Int32Array;
}

/**
 * The tables for codes of these lengths.
 *
 * @throws Error when there are no such codes.
 */
export function makeTables(literalLengths: Uint8Array, distanceLengths: Uint8Array): DeflateTables {
  if (literalLengths[END_OF_BLOCK] === 0) throw new Error('deflate: a block that cannot end');
  const literals = new Int32Array(LITERAL_ENTRIES);
  const distances = new Int32Array(DISTANCE_ENTRIES);
  fillTable(literals, LITERAL_ROOT_BITS, literalLengths, LITERAL_SYMBOLS, true);
  fillTable(distances, DISTANCE_ROOT_BITS, distanceLengths, DISTANCE_SYMBOLS, true);
  return { literals, distances };
}

/** The tables of blocks that bring none (RFC 1951 §3.2.6). */
export function fixedTables(): DeflateTables {
  fixed ??= makeTables(
    new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280),
    new Uint8Array(32).fill(5),
  );
  return fixed;
}

/**
 * The table for the code that code lengths are written in.
 *
 * @throws Error when there is no such code.
 */
export function codeLengthTable(lengths: Uint8Array): Int32Array {
  const table = new Int32Array(LENGTH_ENTRIES);
  fillTable(table, LENGTH_ROOT_BITS, lengths, LENGTH_SYMBOLS, false);
  return table;
}

/** Bytes, the end of a block, and lengths (RFC 1951 §3.2.5); the last two symbols stand for nothing. */
function literalEntries(): Int32Array {
  const entries = new Int32Array(288).fill(ENTRY.end | (1 << VALUE_SHIFT), 286);
  for (let byte = 0; byte < 256; byte++) entries[byte] = byte << VALUE_SHIFT;
  entries[END_OF_BLOCK] = ENTRY.end;
  let base = 3;
  for (let symbol = 257; symbol < 285; symbol++) {
    const extraBits = symbol < 265 ? 0 : (symbol - 261) >> 2;
    entries[symbol] = (base << VALUE_SHIFT) | ENTRY.base | (extraBits << 4);
    base += 1 << extraBits;
  }
  entries[285] = (MAX_MATCH_BYTES << VALUE_SHIFT) | ENTRY.base;
  return entries;
}

/** Distances (RFC 1951 §3.2.5); the last two symbols stand for nothing. */
function distanceEntries(): Int32Array {
  const entries = new Int32Array(32).fill(ENTRY.end | (1 << VALUE_SHIFT), 30);
  let base = 1;
  for (let symbol = 0; symbol < 30; symbol++) {
    const extraBits = symbol < 4 ? 0 : (symbol - 2) >> 1;
    entries[symbol] = (base << VALUE_SHIFT) | ENTRY.base | (extraBits << 4);
    base += 1 << extraBits;
  }
  return entries;
}

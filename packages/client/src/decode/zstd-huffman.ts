import { baseOf, bitsOf, readFseTable, symbolOf } from './zstd-fse.ts';

/** Longest code of a literal, in bits (RFC 8878 §4.2.1). */
const MAX_CODE_BITS = 11;

/** From here on, the byte before the weights says how many there are, and not how long their compressed form is. */
const DIRECT_WEIGHTS = 128;

/** Weights in direct form have half a byte each; compressed, tables of this size (RFC 8878 §4.2.1.2). */
const MAX_WEIGHTS_ACCURACY_LOG = 6;

/** The weight of the last of 256 symbols is not told. */
const MAX_WEIGHTS = 255;

const BITS_SHIFT = 8;

/** Codes of literals: for the next `maxBits` bits the symbol, and above it how many of them its code has. */
export interface HuffmanTable {
  readonly entries: Uint16Array;
  readonly maxBits: number;
}

/**
 * Reads a Huffman tree description (RFC 8878 §4.2.1).
 *
 * @returns the table, and where its description ends.
 * @throws Error where it describes none.
 */
export function readHuffmanTable(
  bytes: Uint8Array,
  from: number,
  to: number,
): { table: HuffmanTable; end: number } {
  const head = bytes[from] as number;
  const isDirect = head >= DIRECT_WEIGHTS;
  const count = head - DIRECT_WEIGHTS + 1;
  const end = from + 1 + (isDirect ? (count + 1) >> 1 : head);
  if (from >= to || end > to) throw new Error('zstd: a Huffman table that is cut off');
  const weights = isDirect
    ? Array.from({ length: count }, (_, i) => {
        const pair = bytes[from + 1 + (i >> 1)] as number;
        return (i & 1) === 0 ? pair >> 4 : pair & 15;
      })
    : readWeights(bytes, from + 1, end);
  return { table: makeHuffmanTable(weights), end };
}

/** Weights that two states tell in turn, until there are no bits for another (RFC 8878 §4.2.1.2). */
function readWeights(bytes: Uint8Array, from: number, to: number): number[] {
  const { table, end } = readFseTable(bytes, from, to, MAX_WEIGHTS_ACCURACY_LOG, MAX_CODE_BITS + 1);
  const { states, accuracyLog } = table;
  const start = end * 8;
  let position = lastBit(bytes, end, to);
  const take = (count: number): number => {
    position -= count;
    const at = position >> 3;
    return (((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) >> (position & 7)) & ((1 << count) - 1);
  };
  let state = states[take(accuracyLog)] as number;
  let other = states[take(accuracyLog)] as number;
  if (position < start) throw new Error('zstd: weights that are cut off');
  const weights: number[] = [];
  while (weights.length < MAX_WEIGHTS) {
    weights.push(symbolOf(state));
    if (position - bitsOf(state) < start) {
      weights.push(symbolOf(other));
      return weights;
    }
    [state, other] = [other, states[baseOf(state) + take(bitsOf(state))] as number];
  }
  throw new Error('zstd: more weights than symbols');
}

/** RFC 8878 §4.2.1.3: a symbol has 2^(weight - 1) of the entries, the smallest weights come first. */
function makeHuffmanTable(weights: number[]): HuffmanTable {
  const sum = weights.reduce((total, weight) => total + ((1 << weight) >> 1), 0);
  const maxBits = 32 - Math.clz32(sum);
  const left = 2 ** maxBits - sum;
  // The last symbol has what is left of a power of two, and that is one itself.
  if (sum === 0 || maxBits > MAX_CODE_BITS || (left & (left - 1)) !== 0 || weights.length > MAX_WEIGHTS) {
    throw new Error('zstd: weights of no Huffman code');
  }
  weights.push(32 - Math.clz32(left));
  const entries = new Uint16Array(1 << maxBits);
  let at = 0;
  for (let weight = 1; weight <= maxBits; weight++) {
    const bits = maxBits + 1 - weight;
    weights.forEach((other, symbol) => {
      if (other !== weight) return;
      const end = at + (1 << (weight - 1));
      entries.fill(symbol | (bits << BITS_SHIFT), at, end);
      at = end;
    });
  }
  return { entries, maxBits };
}

/**
 * Decodes a stream of codes, which is read from its end (RFC 8878 §4.2.2), into `output` between `at` and `until`.
 *
 * @throws Error where it has more or fewer codes.
 */
export function readHuffmanStream(
  { entries, maxBits }: HuffmanTable,
  bytes: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  at: number,
  until: number,
): void {
  const mask = (1 << maxBits) - 1;
  let position = lastBit(bytes, from, to) - maxBits;
  let index = at;
  // Four bytes have two codes, wherever in the first of them these begin.
  const twice = until - 1;
  while (index < twice && position >= from * 8 + MAX_CODE_BITS) {
    position -= MAX_CODE_BITS;
    const byte = position >> 3;
    const word =
      ((bytes[byte] as number) |
        ((bytes[byte + 1] as number) << 8) |
        ((bytes[byte + 2] as number) << 16) |
        ((bytes[byte + 3] as number) << 24)) >>>
      (position & 7);
    const first = entries[(word >>> MAX_CODE_BITS) & mask] as number;
    const firstBits = first >> BITS_SHIFT;
    const second = entries[(word >>> (MAX_CODE_BITS - firstBits)) & mask] as number;
    output[index] = first;
    output[index + 1] = second;
    index += 2;
    position += MAX_CODE_BITS - firstBits - (second >> BITS_SHIFT);
  }
  for (; index < until; index++) {
    const byte = position >> 3;
    const word = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8) | ((bytes[byte + 2] ?? 0) << 16);
    const entry = entries[(word >> (position & 7)) & mask] as number;
    output[index] = entry;
    position -= entry >> BITS_SHIFT;
  }
  if (position + maxBits !== from * 8)
    throw new Error('zstd: literals that are not as long as they should be');
}

/**
 * How many bits there are before the highest bit of the last byte that is set, which marks the end (RFC 8878 §4.1).
 *
 * @throws Error when none is.
 */
export function lastBit(bytes: Uint8Array, from: number, to: number): number {
  const last = to > from ? (bytes[to - 1] as number) : 0;
  if (last === 0) throw new Error('zstd: a stream of bits without an end');
  return to * 8 - 8 + 31 - Math.clz32(last);
}

/** Longest code of DEFLATE, in bits (RFC 1951 §3.2.2). */
const MAX_CODE_BITS = 15;

/** Where the value of an entry begins. */
export const VALUE_SHIFT = 10;

/**
 * What an entry of a table tells of the bits it was found by: bits 0–3 how many of them its code takes, bits 4–7 how
 * many extra bits follow (for a link: how many index its subtable), bits 8–9 one of these kinds, and above its value.
 */
export const ENTRY = {
  /** The value is a symbol: a byte, or how long a code is. */
  symbol: 0 << 8,
  /** The value is the base of a length or a distance, to which the extra bits are added. */
  base: 1 << 8,
  /** The value is where a subtable begins. */
  link: 2 << 8,
  /** The end of the block where the value is 0; no code at all where it is not. */
  end: 3 << 8,
  /** The bits that tell the kinds apart. */
  kinds: 3 << 8,
} as const;

const NO_CODE = ENTRY.end | (1 << VALUE_SHIFT) | 1;

/**
 * Fills `table` for a canonical Huffman code (RFC 1951 §3.2.2). It is indexed with the next `rootBits` bits of the
 * input; a longer code goes on through a link to a subtable behind the root.
 *
 * @param table - with room for every code these lengths could describe.
 * @param lengths - how long the code of each symbol is, in bits; 0 where it has none.
 * @param entries - the entry of each symbol, without the length of its code.
 * @throws Error when no code has these lengths.
 */
export function fillTable(
  table: Int32Array,
  rootBits: number,
  lengths: Uint8Array,
  entries: Int32Array,
  mayBeIncomplete: boolean,
): void {
  const counts = new Uint16Array(MAX_CODE_BITS + 1);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  let longest = MAX_CODE_BITS;
  while (longest > 0 && counts[longest] === 0) longest -= 1;
  checkComplete(counts, mayBeIncomplete && longest <= 1);
  const symbols = inCodeOrder(lengths, counts, longest);

  const rootSize = 1 << rootBits;
  if (longest <= 1) table.fill(NO_CODE, 0, rootSize);
  let used = rootSize;
  let code = 0; // with its first bit lowest, as it comes
  let prefix = -1;
  let subtable = 0;
  let subtableBits = 0;
  for (const symbol of symbols) {
    const length = lengths[symbol] as number;
    const entry = entries[symbol] as number;
    if (length <= rootBits) {
      for (let i = code; i < rootSize; i += 1 << length) table[i] = entry | length;
    } else {
      const rest = length - rootBits;
      if ((code & (rootSize - 1)) !== prefix) {
        prefix = code & (rootSize - 1);
        subtable = used;
        subtableBits = bitsOfSubtable(counts, rest, rootBits, longest);
        used += 1 << subtableBits;
        table[prefix] = (subtable << VALUE_SHIFT) | ENTRY.link | (subtableBits << 4) | rootBits;
      }
      for (let i = code >> rootBits; i < 1 << subtableBits; i += 1 << rest)
        table[subtable + i] = entry | rest;
    }
    counts[length] = (counts[length] as number) - 1;
    code = nextCode(code, length);
  }
}

/** Every bit pattern must be the beginning of one code, and of one only. */
function checkComplete(counts: Uint16Array, mayBeIncomplete: boolean): void {
  let unused = 1;
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    unused = unused * 2 - (counts[length] as number);
    if (unused < 0) throw new Error('deflate: more codes than there can be of these lengths');
  }
  if (unused > 0 && !mayBeIncomplete)
    throw new Error('deflate: codes that leave bit patterns without a meaning');
}

/** The symbols that have a code, shorter codes first, which is the order of the codes. */
function inCodeOrder(lengths: Uint8Array, counts: Uint16Array, longest: number): Uint16Array {
  const next = new Uint16Array(MAX_CODE_BITS + 2);
  for (let length = 1; length <= longest; length++) {
    next[length + 1] = (next[length] as number) + (counts[length] as number);
  }
  const symbols = new Uint16Array(next[longest + 1] as number);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    const at = next[length] as number;
    symbols[at] = symbol;
    next[length] = at + 1;
  });
  return symbols;
}

/** How many bits index a subtable that begins with a code of `rest` bits; `counts` are the codes that are left. */
function bitsOfSubtable(counts: Uint16Array, rest: number, rootBits: number, longest: number): number {
  let bits = rest;
  let room = 1 << bits;
  while (bits + rootBits < longest) {
    room -= counts[bits + rootBits] as number;
    if (room <= 0) break;
    bits += 1;
    room <<= 1;
  }
  return bits;
}

/** Adds one to a code whose first bit is lowest. */
function nextCode(code: number, length: number): number {
  let bit = 1 << (length - 1);
  while ((code & bit) !== 0) bit >>= 1;
  return bit === 0 ? 0 : (code & (bit - 1)) + bit;
}

/** Where the parts of a state stand: the symbol lowest, then how many bits follow, then what they are added to. */
const BITS_SHIFT = 8;
const BASE_SHIFT = 16;

/** A table of states (RFC 8878 §4.1). */
export interface FseTable {
  readonly states: Int32Array;
  /** Bits of the first state. */
  readonly accuracyLog: number;
}

/** What a state stands for. */
export function symbolOf(state: number): number {
  return state & 0xff;
}

/** How many bits are read for the next state. */
export function bitsOf(state: number): number {
  return (state >> BITS_SHIFT) & 0xff;
}

/** The number of the next state, without these bits. */
export function baseOf(state: number): number {
  return state >> BASE_SHIFT;
}

/** A table that always gives the same symbol, and takes no bits for it. */
export function repeatedSymbol(symbol: number): FseTable {
  return { states: Int32Array.of(symbol), accuracyLog: 0 };
}

/**
 * Reads how probable symbols are (RFC 8878 §4.1.1), and makes the table.
 *
 * @returns the table, and where its description ends.
 * @throws Error where it describes none, or a larger one than may be.
 */
export function readFseTable(
  bytes: Uint8Array,
  from: number,
  to: number,
  maxAccuracyLog: number,
  maxSymbol: number,
): { table: FseTable; end: number } {
  let position = from * 8;
  const peek = (count: number): number => {
    const at = position >> 3;
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    return (word >> (position & 7)) & ((1 << count) - 1);
  };
  const accuracyLog = peek(4) + 5;
  position += 4;
  if (accuracyLog > maxAccuracyLog) throw new Error('zstd: a table that is too large');
  const probabilities: number[] = [];
  let left = 1 << accuracyLog;
  while (left > 0 && probabilities.length <= maxSymbol) {
    // As few bits as can tell the values that are still possible: the small ones take one less.
    const bits = 32 - Math.clz32(left + 1);
    const small = (1 << bits) - 2 - left;
    let value = peek(bits);
    const half = 1 << (bits - 1);
    if ((value & (half - 1)) < small) {
      value &= half - 1;
      position += bits - 1;
    } else {
      if (value >= half) value -= small;
      position += bits;
    }
    const probability = value - 1;
    probabilities.push(probability);
    left -= Math.abs(probability);
    if (probability !== 0) continue;
    for (let repeats = 3; repeats === 3; ) {
      repeats = peek(2);
      position += 2;
      for (let i = 0; i < repeats; i++) probabilities.push(0);
    }
  }
  const end = (position + 7) >> 3;
  if (left !== 0 || probabilities.length > maxSymbol + 1 || end > to) {
    throw new Error('zstd: a table that is none');
  }
  return { table: makeFseTable(probabilities, accuracyLog), end };
}

/**
 * Makes the table for symbols of these probabilities, which add up to all states (RFC 8878 §4.1.1); -1 stands for less
 * than one state.
 */
export function makeFseTable(probabilities: readonly number[], accuracyLog: number): FseTable {
  const size = 1 << accuracyLog;
  const symbols = new Uint8Array(size);
  let high = size;
  probabilities.forEach((probability, symbol) => {
    if (probability === -1) symbols[--high] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  probabilities.forEach((probability, symbol) => {
    for (let i = 0; i < probability; i++) {
      symbols[place] = symbol;
      // The step has no divisor in common with the size: all places are met, so one below `high` is.
      do place = (place + step) & (size - 1);
      while (place >= high);
    }
  });
  const next = probabilities.map((probability) => Math.abs(probability));
  const states = Int32Array.from(symbols, (symbol) => {
    const number = next[symbol] as number;
    next[symbol] = number + 1;
    const bits = accuracyLog - (31 - Math.clz32(number));
    return symbol | (bits << BITS_SHIFT) | (((number << bits) - size) << BASE_SHIFT);
  });
  return { states, accuracyLog };
}

import { type FseTable, makeFseTable, readFseTable, repeatedSymbol } from './zstd-fse.ts';

/** How a table is told (RFC 8878 §3.1.1.3.2.1). */
const PREDEFINED = 0;
const REPEATED_SYMBOL = 1;
const DESCRIBED = 2;

/** From these on, the number of sequences has two bytes, or three. */
const TWO_BYTES = 128;
const THREE_BYTES = 255;
const FIRST_OF_THREE_BYTES = 32_512;

/** One of the three things a sequence tells: as codes, from which tables lead to numbers. */
interface Kind {
  /** What to say of it. */
  readonly name: string;
  readonly maxSymbol: number;
  readonly maxAccuracyLog: number;
  readonly predefined: FseTable;
}

/**
 * Extra bits of the codes for lengths of literals (RFC 8878 §3.1.1.3.2.1.1), from the first that has any: up to it, a
 * code is its value.
 */
export const LITERAL_LENGTH_BITS: Uint8Array = withBits(
  16,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
export const LITERAL_LENGTH_BASES: Int32Array = basesOf(LITERAL_LENGTH_BITS, 0);

/** The same for lengths of matches, which begin with three. */
export const MATCH_LENGTH_BITS: Uint8Array = withBits(
  32,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
export const MATCH_LENGTH_BASES: Int32Array = basesOf(MATCH_LENGTH_BITS, 3);

/**
 * Codes for offsets are their own number of extra bits. This many of them are more than the largest window, so that no
 * more are read at a time than four bytes have, wherever they begin.
 */
export const MAX_OFFSET_CODE = 24;

/** Predefined probabilities (RFC 8878 §3.1.1.3.2.2). */
const KINDS: readonly [Kind, Kind, Kind] = [
  {
    name: 'lengths of literals',
    maxSymbol: 35,
    maxAccuracyLog: 9,
    predefined: makeFseTable(
      [
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1,
        -1, -1, -1,
      ],
      6,
    ),
  },
  {
    name: 'offsets',
    maxSymbol: 31,
    maxAccuracyLog: 8,
    predefined: makeFseTable(
      [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
      5,
    ),
  },
  {
    name: 'lengths of matches',
    maxSymbol: 52,
    maxAccuracyLog: 9,
    predefined: makeFseTable(
      [
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
      ],
      6,
    ),
  },
];

/** Tables for lengths of literals, offsets, and lengths of matches. */
export type SequenceTables = readonly [FseTable, FseTable, FseTable];

/** How the sequences of a block begin. */
export interface SequencesHead {
  readonly count: number;
  readonly tables: SequenceTables | undefined;
  /** Where the bits of the sequences begin. */
  readonly start: number;
}

/**
 * Reads the head of a sequences section (RFC 8878 §3.1.1.3.2.1).
 *
 * @param before - the tables of an earlier block.
 * @throws Error where it is none.
 */
export function readSequencesHead(
  block: Uint8Array,
  from: number,
  to: number,
  before: SequenceTables | undefined,
): SequencesHead {
  if (from >= to) throw new Error('zstd: a block without sequences');
  const first = block[from] as number;
  const second = block[from + 1] ?? 0;
  if (first === 0) return { count: 0, tables: before, start: from + 1 };
  let at = from + 1;
  let count = first;
  if (first === THREE_BYTES) {
    count = second + ((block[from + 2] ?? 0) << 8) + FIRST_OF_THREE_BYTES;
    at += 2;
  } else if (first >= TWO_BYTES) {
    count = ((first - TWO_BYTES) << 8) + second;
    at += 1;
  }
  const modes = at < to ? (block[at] as number) : 3;
  if ((modes & 3) !== 0) throw new Error('zstd: sequences of an unknown form');
  at += 1;
  const tables = KINDS.map((kind, i) => {
    const { table, end } = readTable(kind, (modes >> (6 - 2 * i)) & 3, block, at, to, before?.[i]);
    at = end;
    return table;
  });
  return { count, tables: tables as unknown as SequenceTables, start: at };
}

function readTable(
  { name, maxSymbol, maxAccuracyLog, predefined }: Kind,
  mode: number,
  block: Uint8Array,
  from: number,
  to: number,
  before: FseTable | undefined,
): { table: FseTable; end: number } {
  if (mode === PREDEFINED) return { table: predefined, end: from };
  if (mode === DESCRIBED) return readFseTable(block, from, to, maxAccuracyLog, maxSymbol);
  if (mode === REPEATED_SYMBOL) {
    const symbol = from < to ? (block[from] as number) : maxSymbol + 1;
    if (symbol > maxSymbol) throw new Error(`zstd: a code for ${name} that is none`);
    return { table: repeatedSymbol(symbol), end: from + 1 };
  }
  if (before === undefined) throw new Error(`zstd: ${name} that refer to a table that is not there`);
  return { table: before, end: from };
}

/** As many codes without extra bits, then codes with these. */
function withBits(without: number, bits: readonly number[]): Uint8Array {
  const all = new Uint8Array(without + bits.length);
  all.set(bits, without);
  return all;
}

/** What each code begins with: where the one before it ended. */
function basesOf(bits: Uint8Array, first: number): Int32Array {
  let base = first;
  return Int32Array.from(bits, (count) => {
    const start = base;
    base += 1 << count;
    return start;
  });
}

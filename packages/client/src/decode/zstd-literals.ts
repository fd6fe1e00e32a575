import { type HuffmanTable, readHuffmanStream, readHuffmanTable } from './zstd-huffman.ts';

/** Types of literals sections (RFC 8878 §3.1.1.3.1.1). */
const RAW = 0;
const REPEATED_BYTE = 1;
const TREELESS = 3;

/** Literals in four streams: how many bytes tell the lengths of the first three (RFC 8878 §3.1.1.3.1.6). */
const JUMP_TABLE_BYTES = 6;

/** The literals of a block: what its sequences do not copy from before. */
export interface Literals {
  /** Holds them from `from` to `to`. */
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Where the section ends in the block. */
  readonly end: number;
  /** The table that a later block may refer to. */
  readonly table: HuffmanTable | undefined;
}

/**
 * Reads the literals section of a block (RFC 8878 §3.1.1.3.1).
 *
 * @param room - where they go if they are not in the block as they are: as long as they may be.
 * @param before - the table of an earlier block.
 * @throws Error where it is none.
 */
export function readLiterals(
  block: Uint8Array,
  from: number,
  to: number,
  room: Uint8Array,
  before: HuffmanTable | undefined,
): Literals {
  const head = block[from] as number;
  const type = head & 3;
  const format = (head >> 2) & 3;
  if (type > REPEATED_BYTE)
    return readCompressed(block, from, to, room, type === TREELESS ? before : undefined);
  const headerBytes = [1, 2, 1, 3][format] as number;
  const length = headerBytes === 1 ? head >> 3 : bitsAt(block, from, 4, headerBytes === 2 ? 12 : 20);
  const start = from + headerBytes;
  const end = start + (type === RAW ? length : 1);
  checkLengths(length, room, end, to);
  if (type === RAW) return { bytes: block, from: start, to: end, end, table: before };
  room.fill(block[start] as number, 0, length);
  return { bytes: room, from: 0, to: length, end, table: before };
}

function readCompressed(
  block: Uint8Array,
  from: number,
  to: number,
  room: Uint8Array,
  before: HuffmanTable | undefined,
): Literals {
  const head = block[from] as number;
  const format = (head >> 2) & 3;
  const sizeBits = [10, 10, 14, 18][format] as number;
  const length = bitsAt(block, from, 4, sizeBits);
  const start = from + ((4 + 2 * sizeBits) >> 3);
  const end = start + bitsAt(block, from, 4 + sizeBits, sizeBits);
  checkLengths(length, room, end, to);
  const isTreeless = (head & 3) === TREELESS;
  if (isTreeless && before === undefined)
    throw new Error('zstd: literals that refer to a table that is not there');
  const { table, end: streams } =
    before === undefined ? readHuffmanTable(block, start, end) : { table: before, end: start };
  if (format === 0) readHuffmanStream(table, block, streams, end, room, 0, length);
  else readFourStreams(table, block, streams, end, room, length);
  return { bytes: room, from: 0, to: length, end, table };
}

function readFourStreams(
  table: HuffmanTable,
  block: Uint8Array,
  from: number,
  to: number,
  room: Uint8Array,
  length: number,
): void {
  const part = (length + 3) >> 2;
  let start = from + JUMP_TABLE_BYTES;
  if (start > to || part * 3 > length) throw new Error('zstd: literals that are too few for four streams');
  for (let stream = 0; stream < 4; stream++) {
    const end = stream === 3 ? to : start + bitsAt(block, from + stream * 2, 0, 16);
    if (end > to) throw new Error('zstd: literals that are cut off');
    readHuffmanStream(
      table,
      block,
      start,
      end,
      room,
      stream * part,
      stream === 3 ? length : (stream + 1) * part,
    );
    start = end;
  }
}

function checkLengths(length: number, room: Uint8Array, end: number, to: number): void {
  if (length > room.length || end > to) throw new Error('zstd: literals that are longer than their block');
}

/** A number of up to 20 bits that begins so many bits behind a byte. */
function bitsAt(bytes: Uint8Array, from: number, skip: number, count: number): number {
  const at = from + (skip >> 3);
  const word =
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24);
  return (word >>> (skip & 7)) & ((1 << count) - 1);
}

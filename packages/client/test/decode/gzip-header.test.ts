import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzipHeaderLength } from '../../src/decode/gzip-header.ts';

const length = (bytes: number[]): number | undefined => gzipHeaderLength(Uint8Array.from(bytes), crc32);

function header(flags: number, ...fields: (number[] | string)[]): number[] {
  const bytes = [0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255];
  for (const field of fields) {
    bytes.push(...(typeof field === 'string' ? [...new TextEncoder().encode(field), 0] : field));
  }
  return bytes;
}

function withChecksum(bytes: number[], difference = 0): number[] {
  const checksum = crc32(Uint8Array.from(bytes)) + difference;
  return [...bytes, checksum & 255, (checksum >> 8) & 255];
}

const EXTRA = [3, 0, 7, 8, 9];

const HEADERS: [name: string, bytes: number[]][] = [
  ['nothing', header(0)],
  ['text flag', header(1)],
  ['an extra field', header(4, EXTRA)],
  ['an empty extra field', header(4, [0, 0])],
  ['a name', header(8, 'name')],
  ['a comment', header(16, 'comment')],
  ['everything', header(4 + 8 + 16, EXTRA, 'name', 'comment')],
  ['a checksum', withChecksum(header(2))],
  ['everything and a checksum', withChecksum(header(2 + 4 + 8 + 16, EXTRA, 'n', 'c'))],
];

describe('gzipHeaderLength', () => {
  it.each(HEADERS)('finds the end of a header with %s', (_, bytes) => {
    expect(length(bytes)).toBe(bytes.length);
    expect(length([...bytes, 1, 2, 3, 4, 5])).toBe(bytes.length);
  });

  it.each(HEADERS)('waits for the end of a header with %s', (_, bytes) => {
    for (let end = 0; end < bytes.length; end++) expect(length(bytes.slice(0, end))).toBeUndefined();
  });

  it.each([
    ['another first byte', [0x1e]],
    ['another second byte', [0x1f, 0x8c]],
    ['another method', [0x1f, 0x8b, 7]],
    ['a reserved flag', [0x1f, 0x8b, 8, 32]],
    ['zeros', [0, 0, 0, 0]],
  ])('knows %s for no header', (_, bytes) => {
    expect(length(bytes)).toBe(-1);
  });

  it('refuses a header with a wrong checksum', () => {
    expect(() => length(withChecksum(header(2), 1))).toThrow('another checksum');
  });
});

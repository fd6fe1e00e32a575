import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/byte-reader.ts';
import { ByteWriter } from '../../src/byte-writer.ts';
import type { WireError } from '../../src/errors.ts';
import {
  type FieldTable,
  type FieldValues,
  readFields,
  writeFields,
} from '../../src/exchange/field-table.ts';
import { REQUEST_OPTIONS } from '../../src/exchange/request-options.ts';
import { RESPONSE_METADATA } from '../../src/exchange/response-metadata.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { wireError } from '../support/frames.ts';
import { fromHex, toHex } from '../support/hex.ts';

const TABLE = {
  count: { id: 1, type: 'integer' },
  flag: { id: 2, type: 'boolean' },
  text: { id: 300, type: 'text' },
  raw: { id: 4, type: 'bytes' },
} as const satisfies FieldTable;

const refuse = (id: number): void => {
  throw new Error(`unknown ${id}`);
};

function written(values: FieldValues<typeof TABLE>): string {
  const writer = new ByteWriter();
  writeFields(writer, TABLE, values);
  return toHex(writer.take());
}

/** The fields of a section without its length. */
function read(digits: string, unknown: (id: number) => void = refuse): FieldValues<typeof TABLE> {
  return readFields(fromHex(digits), TABLE, unknown);
}

function refusal(digits: string): WireError {
  return wireError(() => read(digits));
}

it.each<[string, FieldValues<typeof TABLE>]>([
  ['00', {}],
  ['03 010105', { count: 5 }],
  ['04 01024400', { count: 1_024 }],
  ['0a 0108c01fffffffffffff', { count: Number.MAX_SAFE_INTEGER }],
  ['03 020101', { flag: true }],
  ['03 020100', { flag: false }],
  ['07 412c0468c3a96c', { text: 'hél' }],
  ['03 412c00', { text: '' }],
  ['04 0402ff00', { raw: Uint8Array.of(0xff, 0) }],
  ['0c 010100 020101 412c0376312e', { count: 0, flag: true, text: 'v1.' }],
])('%s both ways', (digits, values) => {
  expect(written(values)).toBe(digits.replaceAll(' ', ''));
  const reader = new ByteReader(fromHex(digits));
  expect(readFields(reader.take(reader.varint()), TABLE, refuse)).toEqual(values);
  expect(reader.remaining).toBe(0);
});

it('leaves out what is undefined', () => {
  const values: { count?: number | undefined; flag: boolean } = { count: undefined, flag: true };
  expect(written(values as FieldValues<typeof TABLE>)).toBe('03020101');
});

it('reads fields in any order and in longer forms', () => {
  expect(read('020101 c000000000000001 4008 c000000000000005')).toEqual({ flag: true, count: 5 });
});

describe('what is no section', () => {
  it.each(['01', '0101', '010205', '412c05616263', '41'])('%s is cut', (digits) => {
    expect(refusal(digits).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
  });

  it('a field may come once', () => {
    expect(refusal('010105 010105').message).toContain('count');
  });

  it.each([
    ['0100', 'an integer of no bytes'],
    ['01020505', 'two integers'],
    ['010140', 'half an integer'],
    ['0108ffffffffffffffff', 'an integer above 2^53'],
    ['020102', 'a boolean above 1'],
    ['02020101', 'two booleans'],
    ['412c01ff', 'text that is no UTF-8'],
  ])('%s is %s', (digits) => {
    expect(refusal(digits).name).toBe('WireError');
  });
});

describe('an unknown field', () => {
  it('is shown to the reader, who may skip it', () => {
    const ids: number[] = [];
    expect(read('030a00000000000000000000 010105 410000', (id) => void ids.push(id))).toEqual({ count: 5 });
    expect(ids).toEqual([3, 256]);
  });

  it('is refused by one who throws', () => {
    expect(() => read('0300')).toThrow('unknown 3');
  });

  it('must be whole', () => {
    expect(wireError(() => read('0305 00', () => {})).code).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
  });
});

it.each([
  ['request options', REQUEST_OPTIONS],
  ['response metadata', RESPONSE_METADATA],
] as const)('%s have identifiers of their own, of one byte', (_, table) => {
  const ids = Object.values(table).map((row) => row.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id > 0 && id < 64).toBe(true);
});

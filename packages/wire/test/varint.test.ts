import { expect, it } from 'vitest';
import { MAX_VARINT, varintLength } from '../src/varint.ts';

// RFC 9000 §16, Table 4.
it.each([
  [0, 1],
  [63, 1],
  [64, 2],
  [16_383, 2],
  [16_384, 4],
  [1_073_741_823, 4],
  [1_073_741_824, 8],
  [MAX_VARINT, 8],
])('%d takes %d bytes', (value, length) => {
  expect(varintLength(value)).toBe(length);
});

it('goes up to what a number holds exactly', () => {
  expect(MAX_VARINT).toBe(2 ** 53 - 1);
});

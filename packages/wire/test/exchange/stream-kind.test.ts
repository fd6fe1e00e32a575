import { expect, it } from 'vitest';
import { RESULT_KINDS, STREAM_KINDS } from '../../src/exchange/stream-kind.ts';

it.each([
  ['streams', STREAM_KINDS],
  ['results', RESULT_KINDS],
])('kinds of %s are different varints of one byte', (_, kinds) => {
  const values = Object.values(kinds);
  expect(new Set(values).size).toBe(values.length);
  for (const value of values) expect(value).toBeLessThan(64);
});
